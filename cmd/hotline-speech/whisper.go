//go:build cgo

package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	ort "github.com/yalue/onnxruntime_go"

	"hotline/internal/speech"
)

// whisper decodes OpenAI's Whisper, as exported for sherpa-onnx, on the ONNX runtime that sherpa-onnx brings along, and
// not by sherpa-onnx's own recogniser: that one writes no more than six tokens for a second of speech, loses characters
// which the tokenizer splits, tells no probabilities.
type whisper struct {
	encoder, decoder *ort.DynamicAdvancedSession
	outputs          int // of the decoder: logits, two caches and, if it was exported so, attention
	mel              *mel
	info             whisperInfo
	tokens           []string // bytes of each token
	langs            map[string]int
	suppressed       map[int]bool
}

// whisperInfo is what the model says of itself.
type whisperInfo struct {
	mels, context, state, layers, textContext         int
	sot, eot, transcribe, noTimestamps, silent, blank int
}

const (
	// tail is how many empty frames follow the sound. Whisper was trained on windows of 30 seconds; with less than about
	// ten seconds of emptiness after short sound it begins to repeat itself.
	tail = 1000
	// longest is how many frames a window has at most.
	longest = 3000
	// withAttention is which output of the decoder is the attention that it pays to the sound.
	withAttention = 3
	// tokensPerSecond bounds what is written: fast speech of Mandarin has less than eight characters a second, of up to
	// two tokens each.
	tokensPerSecond = 16
)

func loadWhisper(folder string, threads int) (_ *whisper, err error) {
	w := &whisper{langs: map[string]int{}, suppressed: map[int]bool{}}
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, options.Destroy()) }()
	if err := options.SetIntraOpNumThreads(threads); err != nil {
		return nil, err
	}
	if w.encoder, _, err = session(folder, "*encoder*.onnx", options); err != nil {
		return nil, err
	}
	if w.decoder, w.outputs, err = session(folder, "*decoder*.onnx", options); err != nil {
		return nil, err
	}
	if err := w.readInfo(); err != nil {
		return nil, err
	}
	w.mel = newMel(w.info.mels)
	tokens, err := modelFile(folder, "*tokens.txt")
	if err != nil {
		return nil, err
	}
	return w, w.readTokens(tokens)
}

func session(folder, pattern string, options *ort.SessionOptions) (s *ort.DynamicAdvancedSession, outputs int, err error) {
	path, err := modelFile(folder, pattern)
	if err != nil {
		return nil, 0, err
	}
	in, out, err := ort.GetInputOutputInfoWithOptions(path, options)
	if err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	names := func(all []ort.InputOutputInfo) (names []string) {
		for _, i := range all {
			names = append(names, i.Name)
		}
		return names
	}
	s, err = ort.NewDynamicAdvancedSession(path, names(in), names(out), options)
	if err != nil {
		return nil, 0, fmt.Errorf("load %s: %w", filepath.Base(path), err)
	}
	return s, len(out), nil
}

func (w *whisper) readInfo() (err error) {
	meta, err := w.encoder.GetModelMetadata()
	if err != nil {
		return fmt.Errorf("read the encoder's description: %w", err)
	}
	defer func() { err = errors.Join(err, meta.Destroy()) }()
	read := metadata{meta: meta}
	w.info = whisperInfo{
		mels: read.number("n_mels"), context: read.number("n_audio_ctx"), state: read.number("n_text_state"),
		layers: read.number("n_text_layer"), textContext: read.number("n_text_ctx"),
		sot: read.number("sot"), eot: read.number("eot"), transcribe: read.number("transcribe"), noTimestamps: read.number("no_timestamps"),
		silent: read.number("no_speech"), blank: read.number("blank_id"),
	}
	codes, ids := strings.Split(read.text("all_language_codes"), ","), strings.Split(read.text("all_language_tokens"), ",")
	for i, code := range codes {
		if id, err := strconv.Atoi(ids[min(i, len(ids)-1)]); err == nil {
			w.langs[code] = id
		}
	}
	for _, id := range strings.Split(read.text("non_speech_tokens"), ",") {
		if n, err := strconv.Atoi(id); err == nil {
			w.suppressed[n] = true
		}
	}
	return read.err
}

// metadata reads a model's description and keeps the first error.
type metadata struct {
	meta *ort.ModelMetadata
	err  error
}

func (m *metadata) text(key string) string {
	value, ok, err := m.meta.LookupCustomMetadataMap(key)
	if err == nil && !ok {
		err = errors.New("it is missing")
	}
	if err != nil && m.err == nil {
		m.err = fmt.Errorf("the model's description, %s: %w", key, err)
	}
	return value
}

func (m *metadata) number(key string) int {
	n, err := strconv.Atoi(m.text(key))
	if err != nil && m.err == nil {
		m.err = fmt.Errorf("the model's description, %s: %w", key, err)
	}
	return n
}

// readTokens reads the vocabulary: base64 of a token's bytes, a blank, its number.
func (w *whisper) readTokens(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the vocabulary: %w", err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		text, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		if text == "=" { // the last one is empty, and written so
			text = ""
		}
		bytes, err := base64.StdEncoding.DecodeString(text)
		id, numberErr := strconv.Atoi(number)
		if err := errors.Join(err, numberErr); err != nil || id != len(w.tokens) {
			return fmt.Errorf("%s, line %d: not a token of Whisper: %w", filepath.Base(path), i+1, errors.Join(err, errors.New("expected base64 and the next number")))
		}
		w.tokens = append(w.tokens, string(bytes))
	}
	if len(w.tokens) < 50000 {
		return fmt.Errorf("%s: only %d tokens", filepath.Base(path), len(w.tokens))
	}
	return nil
}

// hear writes down what is said in one window.
func (w *whisper) hear(sound []float32, request *speech.Hear) (*speech.Heard, error) {
	sound = speech.Resample(sound, request.Rate, whisperRate)
	frames := min(len(sound)/melHop, longest)
	total := min(frames+tail, longest)
	t := &take{w: w, frames: frames / 2}
	defer t.close()
	if err := t.listen(w.mel.features(sound, total), total); err != nil {
		return nil, err
	}
	heard := &speech.Heard{Units: []speech.Unit{}}
	if err := t.language(request.Lang, heard); err != nil {
		return nil, err
	}
	prompt := []int{w.info.sot, w.langs[heard.Lang], w.info.transcribe, w.info.noTimestamps}
	if err := t.write(prompt, 20+tokensPerSecond*frames/100); err != nil {
		return nil, err
	}
	heard.Units = t.units()
	return heard, nil
}

// take is one window on its way through the model.
type take struct {
	w              *whisper
	frames         int // of the encoder, 20 ms each, without the tail
	crossK, crossV ort.Value
	selfK, selfV   ort.Value
	offset         int
	attention      [][][]float32 // head, fed token, frame
	prompt         int           // length
	ids            []int
	probs          []float64
}

func (t *take) close() {
	for _, v := range []ort.Value{t.crossK, t.crossV, t.selfK, t.selfV} {
		if v != nil {
			_ = v.Destroy() // it frees memory and reports nothing else
		}
	}
}

func (t *take) listen(features []float32, total int) error {
	in, err := ort.NewTensor(ort.NewShape(1, int64(t.w.info.mels), int64(total)), features)
	if err != nil {
		return err
	}
	defer func() { _ = in.Destroy() }()
	out := []ort.Value{nil, nil}
	if err := t.w.encoder.Run([]ort.Value{in}, out); err != nil {
		return fmt.Errorf("run the encoder: %w", err)
	}
	t.crossK, t.crossV = out[0], out[1]
	return nil
}

// reset forgets what was decoded.
func (t *take) reset() error {
	for _, v := range []*ort.Value{&t.selfK, &t.selfV} {
		if *v != nil {
			_ = (*v).Destroy()
		}
		empty, err := ort.NewEmptyTensor[float32](ort.NewShape(int64(t.w.info.layers), 1, int64(t.w.info.textContext), int64(t.w.info.state)))
		if err != nil {
			return err
		}
		*v = empty
	}
	t.offset, t.attention = 0, nil
	return nil
}

// feed gives the decoder tokens and returns what it expects next: a logarithm of probability for each token.
func (t *take) feed(ids []int) ([]float64, error) {
	wide := make([]int64, len(ids))
	for i, id := range ids {
		wide[i] = int64(id)
	}
	tokens, err := ort.NewTensor(ort.NewShape(1, int64(len(ids))), wide)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tokens.Destroy() }()
	offset, err := ort.NewTensor(ort.NewShape(1), []int64{int64(t.offset)})
	if err != nil {
		return nil, err
	}
	defer func() { _ = offset.Destroy() }()
	out := make([]ort.Value, t.w.outputs)
	if err := t.w.decoder.Run([]ort.Value{tokens, t.selfK, t.selfV, t.crossK, t.crossV, offset}, out); err != nil {
		return nil, fmt.Errorf("run the decoder: %w", err)
	}
	_, _ = t.selfK.Destroy(), t.selfV.Destroy()
	t.selfK, t.selfV = out[1], out[2]
	t.offset += len(ids)
	defer func() { _ = out[0].Destroy() }()
	logits, ok := out[0].(*ort.Tensor[float32])
	if !ok {
		return nil, errors.New("the decoder gives no numbers")
	}
	if len(out) > withAttention {
		defer func() { _ = out[withAttention].Destroy() }()
		if weights, ok := out[withAttention].(*ort.Tensor[float32]); ok {
			t.keep(weights)
		}
	}
	all, vocabulary := logits.GetData(), int(logits.GetShape()[2])
	return logSoftmax(all[len(all)-vocabulary:]), nil
}

// keep copies the attention that the fed tokens paid to the sound.
func (t *take) keep(weights *ort.Tensor[float32]) {
	shape, data := weights.GetShape(), weights.GetData()
	heads, rows, frames := int(shape[1]), int(shape[2]), int(shape[3])
	if t.attention == nil {
		t.attention = make([][][]float32, heads)
	}
	t.frames = min(t.frames, frames)
	for h := range heads {
		for r := range rows {
			row := data[(h*rows+r)*frames:][:t.frames]
			t.attention[h] = append(t.attention[h], append([]float32(nil), row...))
		}
	}
}

func logSoftmax(logits []float32) []float64 {
	top := logits[0]
	for _, l := range logits {
		top = max(top, l)
	}
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(float64(l - top))
	}
	out, log := make([]float64, len(logits)), math.Log(sum)
	for i, l := range logits {
		out[i] = float64(l-top) - log
	}
	return out
}

// language finds out which of the expected languages is spoken, how sure that is among all languages, and whether
// anything is.
func (t *take) language(expected []string, heard *speech.Heard) error {
	if err := t.reset(); err != nil {
		return err
	}
	first, err := t.feed([]int{t.w.info.sot})
	if err != nil {
		return err
	}
	heard.Silent = math.Exp(first[t.w.info.silent])
	if len(expected) == 0 {
		expected = []string{"zh", "en"}
	}
	all, best := 0.0, math.Inf(-1)
	for _, id := range t.w.langs {
		all += math.Exp(first[id])
	}
	for _, lang := range expected {
		id, known := t.w.langs[lang]
		if !known {
			return fmt.Errorf("the model knows no language %q", lang)
		}
		if first[id] > best {
			best, heard.Lang = first[id], lang
		}
		heard.Sure += math.Exp(first[id]) / all
	}
	return t.reset()
}

// write decodes greedily. Special tokens but the end are not written, nor are tokens of noises, and the first is no blank.
func (t *take) write(prompt []int, most int) error {
	t.prompt = len(prompt)
	next, most := prompt, min(most, t.w.info.textContext-len(prompt)-1)
	for n := range most {
		logs, err := t.feed(next)
		if err != nil {
			return err
		}
		best := t.likeliest(logs, n == 0)
		if best == t.w.info.eot {
			return nil
		}
		t.ids, t.probs = append(t.ids, best), append(t.probs, math.Exp(logs[best]))
		if t.dropLoop() {
			return nil
		}
		next = []int{best}
	}
	return nil
}

func (t *take) likeliest(logs []float64, first bool) int {
	best := -1
	for id, log := range logs[:t.w.info.eot+1] {
		if t.w.suppressed[id] || first && (id == t.w.info.eot || id == t.w.info.blank) {
			continue
		}
		if best < 0 || log > logs[best] {
			best = id
		}
	}
	return best
}

// dropLoop ends a decoder that repeats itself: the same tokens three times in a row are said once.
func (t *take) dropLoop() bool {
	n := len(t.ids)
	for period := 2; period <= 24 && 3*period <= n; period++ {
		same := true
		for i := n - 2*period; i < n && same; i++ {
			same = t.ids[i] == t.ids[i-period]
		}
		if same {
			t.ids, t.probs = t.ids[:n-2*period], t.probs[:n-2*period]
			return true
		}
	}
	return false
}

// slowest is the longest time that a character takes, in milliseconds. What attention gives to one beyond that is the pause
// before it.
const slowest = 350

// units makes characters and words of the tokens. A token may hold several characters, and a character several tokens.
func (t *take) units() []speech.Unit {
	starts := align(t.attention, t.prompt-1, t.frames)
	if starts == nil { // without attention nobody knows better than that speech is even
		for i := range len(t.ids) + 1 {
			starts = append(starts, t.frames*i/max(1, len(t.ids)))
		}
	}
	var units []speech.Unit
	var rest []byte // of a character that is not whole yet
	begin, sure := 0, 1.0
	for i, id := range t.ids {
		from, to := at(starts, i), at(starts, i+1)
		if len(rest) == 0 {
			begin, sure = from, 1
		}
		sure = min(sure, t.probs[i])
		rest = append(rest, t.w.tokens[id]...)
		var whole []string
		for len(rest) > 0 && utf8.FullRune(rest) {
			_, size := utf8.DecodeRune(rest)
			whole, rest = append(whole, string(rest[:size])), rest[size:]
		}
		begin = max(begin, to-slowest*len(whole))
		for k, text := range whole {
			width := float64(to-begin) / float64(len(whole))
			units = appendUnit(units, speech.Unit{
				Text: text, Start: begin + int(width*float64(k)), End: begin + int(width*float64(k+1)), Sure: sure,
			})
		}
	}
	return units
}

// at is a frame's time in milliseconds.
func at(starts []int, i int) int {
	if len(starts) == 0 {
		return 0
	}
	return 20 * starts[min(i, len(starts)-1)]
}

// appendUnit puts letters together to words.
func appendUnit(units []speech.Unit, u speech.Unit) []speech.Unit {
	if n := len(units); n > 0 && isLetter(u.Text) && isLetter(units[n-1].Text[len(units[n-1].Text)-1:]) && units[n-1].End >= u.Start-400 {
		last := &units[n-1]
		last.Text, last.End, last.Sure = last.Text+u.Text, u.End, min(last.Sure, u.Sure)
		return units
	}
	return append(units, u)
}

func isLetter(s string) bool {
	return len(s) == 1 && (s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z' || s[0] == '\'')
}
