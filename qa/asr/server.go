package asr

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hotline/qa/rule"
)

// ServerConfig names a service with an OpenAI-compatible /v1/audio/transcriptions: vLLM, faster-whisper-server and others.
type ServerConfig struct {
	URL     string `yaml:"url"`      // up to and without /audio/transcriptions, e.g. http://10.0.0.5:8000/v1
	Model   string `yaml:"model"`    // as the service names it
	KeyFile string `yaml:"key_file"` // holds the API key; none when empty
	// Consent says that the site lets recordings go to this service.
	Consent bool `yaml:"consent"`
	// AtOnce is how many requests run at a time; 0 means 4.
	AtOnce int `yaml:"at_once"`
	// TimeLimit for one request; 0 means 2 minutes.
	TimeLimit time.Duration `yaml:"time_limit"`
	// MaxBytes of the sound in one request; 0 means 20 MB.
	MaxBytes int    `yaml:"max_bytes"`
	Language string `yaml:"language"` // as the service wants it; zh when empty
}

// Check returns what is wrong with it.
func (c ServerConfig) Check() []string {
	if c.URL == "" {
		return nil
	}
	var faults []string
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		faults = append(faults, fmt.Sprintf("server.url: %q is no address; write e.g. http://10.0.0.5:8000/v1", c.URL))
	}
	if c.Model == "" {
		faults = append(faults, "server.model: is missing; write the model's name as the service knows it")
	}
	if !c.Consent {
		faults = append(faults, "server.consent: is not given; write true when the site lets recordings go to that service")
	}
	if c.AtOnce < 0 || c.TimeLimit < 0 || c.MaxBytes < 0 || c.MaxBytes > 0 && c.MaxBytes < leastBytes {
		faults = append(faults, fmt.Sprintf("server: at_once and time_limit are 0 or more, max_bytes is 0 or at least %d", leastBytes))
	}
	return faults
}

const leastBytes = 1_000_000 // half a minute of 16 kHz

// Server hears by such a service.
type Server struct {
	cfg    ServerConfig
	key    string
	client *http.Client
	slots  chan struct{}
	wait   time.Duration // after the first failure, doubled after each
}

// NewServer reads the key; nothing is sent before the first recording.
func NewServer(cfg ServerConfig) (*Server, error) {
	if faults := cfg.Check(); len(faults) > 0 {
		return nil, fmt.Errorf("speech recognition: %s", strings.Join(faults, "; "))
	}
	cfg.AtOnce, cfg.TimeLimit = cmp.Or(cfg.AtOnce, 4), cmp.Or(cfg.TimeLimit, 2*time.Minute)
	cfg.MaxBytes, cfg.Language = cmp.Or(cfg.MaxBytes, 20_000_000), cmp.Or(cfg.Language, "zh")
	s := &Server{cfg: cfg, client: &http.Client{}, slots: make(chan struct{}, cfg.AtOnce), wait: serverWait}
	if cfg.KeyFile != "" {
		raw, err := os.ReadFile(cfg.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("read the key of the speech service: %w", err)
		}
		s.key = strings.TrimSpace(string(raw))
	}
	return s, nil
}

// Name is the model's name at the service.
func (s *Server) Name() string { return s.cfg.Model }

// Transcribe sends one channel after the other, cut in silence.
func (s *Server) Transcribe(ctx context.Context, sound Sound) (Raw, error) {
	raw := Raw{
		Length: int(sound.Length().Milliseconds()), Speech: map[rule.Role][]rule.Span{}, Levels: map[rule.Role][]rule.Level{},
	}
	for c, role := range roles {
		channel, rate := sound.Channels[c], sound.Rate
		voices := loud(channel, rate)
		raw.Speech[role], raw.Levels[role] = voices, levels(channel, rate, voices)
		if rate != modelRate { // services resample by themselves, and not all of them well
			channel, rate = resampled(channel, rate), modelRate
		}
		for _, span := range s.cuts(voices, len(channel)*1000/rate) {
			said, err := s.send(ctx, channel, rate, span, role)
			if err != nil {
				return Raw{}, err
			}
			raw.Utterances = append(raw.Utterances, said...)
		}
	}
	slices.SortStableFunc(raw.Utterances, func(a, b rule.Utterance) int { return cmp.Compare(a.Start, b.Start) })
	return raw, nil
}

// cuts are the stretches that are sent: as long as the service takes, and cut where nobody speaks.
func (s *Server) cuts(voices []rule.Span, length int) []rule.Span {
	most := (s.cfg.MaxBytes - 1000) / (2 * modelRate / 1000) // ms of 16-bit sound
	var all []rule.Span
	for _, v := range voices {
		v = rule.Span{Start: max(0, v.Start-padBefore), End: min(length, v.End+padAfter)}
		if n := len(all); n > 0 && v.End-all[n-1].Start <= most {
			all[n-1].End = v.End
			continue
		}
		all = append(all, v)
	}
	return all
}

const (
	serverTries = 4
	serverWait  = time.Second
)

// send tries until the service answers, or says that it never will.
func (s *Server) send(ctx context.Context, channel []int16, rate int, span rule.Span, role rule.Role) ([]rule.Utterance, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	sound := channel[span.Start*rate/1000 : min(len(channel), span.End*rate/1000)]
	for try, wait := 1, s.wait; ; try, wait = try+1, 2*wait {
		said, err := s.once(ctx, sound, rate, span.Start, role)
		if err == nil || try == serverTries || errors.Is(err, errRefused) || ctx.Err() != nil {
			return said, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// errRefused marks an answer that another try would not change.
var errRefused = errors.New("the service refuses")

func (s *Server) once(ctx context.Context, sound []int16, rate, offset int, role rule.Role) ([]rule.Utterance, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.TimeLimit)
	defer cancel()
	body, kind, err := s.form(sound, rate)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(s.cfg.URL, "/")+"/audio/transcriptions", body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", kind)
	if s.key != "" {
		req.Header.Set("Authorization", "Bearer "+s.key)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: ask the speech service: %w", ErrUnavailable, err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return nil, fmt.Errorf("%w: read the speech service's answer: %w", ErrUnavailable, err)
	}
	if res.StatusCode != http.StatusOK {
		err := fmt.Errorf("%w: the speech service answers %s: %.200s", ErrUnavailable, res.Status, answer)
		if res.StatusCode/100 == 4 && res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusRequestTimeout {
			err = errors.Join(err, errRefused)
		}
		return nil, err
	}
	return understand(answer, offset, len(sound)*1000/rate, role)
}

const mostAnswer = 16 << 20

func (s *Server) form(sound []int16, rate int) (*bytes.Buffer, string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "sound.wav")
	if err == nil {
		_, err = file.Write(wav(sound, rate))
	}
	for _, field := range [][2]string{
		{"model", s.cfg.Model},
		{"language", s.cfg.Language},
		{"response_format", "verbose_json"},
		{"temperature", "0"},
		{"timestamp_granularities[]", "word"},
		{"timestamp_granularities[]", "segment"},
	} {
		err = errors.Join(err, form.WriteField(field[0], field[1]))
	}
	return &body, form.FormDataContentType(), errors.Join(err, form.Close())
}

// wav is a one-channel file of 16-bit PCM.
func wav(sound []int16, rate int) []byte {
	le := binary.LittleEndian
	out := append([]byte("RIFF"), le.AppendUint32(nil, uint32(36+2*len(sound)))...)
	out = append(out, "WAVEfmt "...)
	out = le.AppendUint32(out, 16)
	out = le.AppendUint16(le.AppendUint16(out, wavPCM), 1)
	out = le.AppendUint32(le.AppendUint32(out, uint32(rate)), uint32(2*rate))
	out = le.AppendUint16(le.AppendUint16(out, 2), 16)
	out = append(out, "data"...)
	out = le.AppendUint32(out, uint32(2*len(sound)))
	for _, v := range sound {
		out = le.AppendUint16(out, uint16(v))
	}
	return out
}

// answer is verbose_json of the OpenAI API (Audio, "The transcription object"). Times are seconds.
type answer struct {
	Text     *string `json:"text"`
	Words    []stamp `json:"words"`
	Segments []stamp `json:"segments"`
	Language string  `json:"language"`
}

type stamp struct {
	Word  string  `json:"word"`
	Text  string  `json:"text"`
	Start float64 `json:"start"`
	End   float64 `json:"end"`
	// AvgLogProb and NoSpeechProb are Whisper's, where the service passes them on.
	AvgLogProb   *float64 `json:"avg_logprob"`
	NoSpeechProb float64  `json:"no_speech_prob"`
}

// understand makes utterances of an answer. One without any times has its text spread over the whole stretch, which is
// told by its units being unsure.
func understand(raw []byte, offset, length int, role rule.Role) ([]rule.Utterance, error) {
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil || a.Text == nil {
		return nil, fmt.Errorf("%w: the speech service answers what is no transcription: %.100q", ErrUnavailable, raw)
	}
	stamps := a.Words
	if len(stamps) == 0 {
		stamps = a.Segments
	}
	if len(stamps) == 0 && strings.TrimSpace(*a.Text) != "" {
		stamps = []stamp{{Text: *a.Text, End: float64(length) / 1000}}
	}
	var all []rule.Utterance
	for _, st := range stamps {
		text := strings.TrimSpace(st.Word + st.Text)
		start, end := milliseconds(st.Start, length), milliseconds(st.End, length)
		if text == "" || st.NoSpeechProb > mostSilent || end < start {
			continue
		}
		units := unitsOf(text, rule.Span{Start: offset + start, End: offset + end}, sureOf(a.Segments, st))
		if n := len(all); n == 0 || units[0].Start-all[n-1].End >= between {
			all = append(all, rule.Utterance{Role: role, Span: units[0].Span})
		}
		last := &all[len(all)-1]
		last.Units = append(last.Units, units...)
		last.End = max(last.End, units[len(units)-1].End)
	}
	return all, nil
}

// mostSilent is from which probability of silence on a segment is dropped.
const mostSilent = 0.9

func milliseconds(seconds float64, most int) int {
	if !(seconds > 0) { // also what is no number
		return 0
	}
	return int(min(seconds*1000, float64(most)))
}

// sureOf is how probable a model of Whisper's kind holds the segment that a word is in; 0 when it does not say.
func sureOf(segments []stamp, word stamp) float64 {
	for _, s := range segments {
		if word.Start < s.End && s.Start <= word.Start && s.AvgLogProb != nil {
			return max(0, min(1, math.Exp(*s.AvgLogProb)))
		}
	}
	return 0
}

// unitsOf parts a word or a sentence into characters and words, over its time.
func unitsOf(text string, span rule.Span, sure float64) []rule.Unit {
	var parts []string
	for _, r := range text {
		n := len(parts)
		if n > 0 && r < utf8.RuneSelf && isWord(r) && isWord(rune(parts[n-1][len(parts[n-1])-1])) {
			parts[n-1] += string(r)
			continue
		}
		parts = append(parts, string(r))
	}
	units := make([]rule.Unit, len(parts))
	for i, p := range parts {
		units[i] = rule.Unit{Text: p, Sure: sure, Span: rule.Span{
			Start: span.Start + span.Length()*i/len(parts), End: span.Start + span.Length()*(i+1)/len(parts),
		}}
	}
	return units
}

func isWord(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '\'' }

// Ready asks whether the service is there: by half a second of silence.
func (s *Server) Ready(ctx context.Context) error {
	_, err := s.once(ctx, make([]int16, modelRate/2), modelRate, 0, rule.Agent)
	return err
}

// loud finds speech by its energy, where no model does.
func loud(channel []int16, rate int) []rule.Span {
	frames, quiet := energies(channel, rate)
	var all []rule.Span
	for i, v := range frames {
		if v < quiet+audible || v < faint {
			continue
		}
		span := rule.Span{Start: i * energyFrame, End: (i + 1) * energyFrame}
		if n := len(all); n > 0 && span.Start-all[n-1].End <= oneBreath {
			all[n-1].End = span.End
			continue
		}
		all = append(all, span)
	}
	return slices.DeleteFunc(all, func(s rule.Span) bool { return s.Length() < click })
}

const (
	faint     = -50 // dB below which nothing is speech
	oneBreath = 300 // ms: a shorter pause parts nothing
	click     = 100 // ms: what is shorter is no speech
)
