package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/internal/g711"
	"hotline/internal/speak"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flowstore"
)

// PhraseSound is what callers hear of a phrase.
type PhraseSound struct {
	Key    string        `json:"key" doc:"Of language and text."`
	Lang   string        `json:"lang"`
	Text   string        `json:"text"`
	Source string        `json:"source" enum:"upload,recorded,spoken,unspoken,none" doc:"Uploaded by somebody; from the shipped recordings; spoken by an engine, or to be spoken by one; nobody can speak it."`
	Voice  string        `json:"voice" doc:"The engine; empty for recordings."`
	Robot  bool          `json:"robot" doc:"By the engine of last resort, which sounds like a robot."`
	Upload *PhraseUpload `json:"upload" doc:"Null unless the source is upload."`
}

// PhraseUpload is a recording that somebody has put in place of an engine's.
type PhraseUpload struct {
	File    string    `json:"file"`
	Seconds float32   `json:"seconds"`
	By      string    `json:"by" doc:"Name, or user where the name is gone."`
	At      time.Time `json:"at"`
}

// PhraseBody is a phrase that a caller may hear.
type PhraseBody struct {
	Lang string `json:"lang" enum:"zh-TW,en"`
	Text string `json:"text" minLength:"1" maxLength:"1000"`
}

type phraseInput struct{ Body PhraseBody }

type uploadInput struct {
	Body struct {
		PhraseBody
		File string `json:"file" minLength:"1" maxLength:"200" doc:"Its name."`
		WAV  []byte `json:"wav" doc:"The file, in base64."`
	}
}

type uploadPath struct {
	Key string `path:"key" pattern:"^[0-9a-f]{32}$"`
}

// uploadLimit is the largest body with a recording: base64 takes four bytes for three.
const uploadLimit = speak.MaxStudioSize/3*4 + 16<<10

func (s *Server) registerPhrases() {
	route(s, endpoint{method: http.MethodPost, path: "/flows/phrases", id: "listPhrases", right: RightFlows, limit: flowLimit, summary: "What a flow or a survey says, and who speaks it"}, s.flowPhrases)
	routeOut(s, endpoint{method: http.MethodPost, path: "/flows/sound", id: "getPhraseSound", right: RightFlows, summary: "The sound of a phrase, as audio/wav; it is made if need be"}, s.phraseSound)
	act(s, endpoint{method: http.MethodPost, path: "/flows/uploads", id: "uploadPhrase", right: RightFlowsEdit, limit: uploadLimit, summary: "Put a recording in place of what an engine would speak"}, s.uploadPhrase)
	act(s, endpoint{method: http.MethodDelete, path: "/flows/uploads/{key}", id: "dropPhraseUpload", right: RightFlowsEdit, summary: "Remove a recording, so that an engine speaks the phrase again"}, s.dropUpload)
}

func (s *Server) flowPhrases(ctx context.Context, _ Who, in *flowTextInput) (list[PhraseSound], error) {
	file, faults := flowfile.Parse([]byte(in.Body.YAML))
	var said []ivr.Phrase
	switch {
	case file.Flow != nil:
		said = file.Flow.Phrases()
	case file.Survey != nil:
		said = file.Survey.Phrases()
	default:
		return list[PhraseSound]{}, &flowstore.Faulty{Faults: faults}
	}
	uploads, err := s.Flows.Uploads(ctx, false)
	if err != nil {
		return list[PhraseSound]{}, err
	}
	byKey := map[string]flowstore.Upload{}
	for _, u := range uploads {
		byKey[u.Key] = u
	}
	out := make([]PhraseSound, 0, len(said))
	for _, p := range said {
		key := speak.Key(string(p.Lang), p.Text)
		sound := PhraseSound{Key: key, Lang: string(p.Lang), Text: p.Text}
		if u, ok := byKey[key]; ok {
			by := u.Uploader
			if by == "" {
				by = u.UploadedBy
			}
			sound.Source, sound.Upload = "upload", &PhraseUpload{File: u.File, Seconds: u.Seconds, By: by, At: u.UploadedAt}
		} else {
			sound.Source, sound.Voice, sound.Robot = s.voiced(speak.Phrase{Lang: string(p.Lang), Text: p.Text})
		}
		out = append(out, sound)
	}
	return everything(out), nil
}

// voiced says who speaks what nobody has uploaded.
func (s *Server) voiced(p speak.Phrase) (source, voice string, robot bool) {
	v := s.Sounds.Voicing(p)
	switch {
	case v.Source == speak.Recorded:
		source = "recorded"
	case v.Source == speak.Cached:
		source = "spoken"
	case v.Voice != "":
		source = "unspoken"
	default:
		source = "none"
	}
	return source, v.Voice, v.LastResort
}

func (s *Server) phraseSound(ctx context.Context, _ Who, in *phraseInput) (*huma.StreamResponse, error) {
	samples, err := s.Sounds.Samples(ctx, speak.Phrase{Lang: in.Body.Lang, Text: in.Body.Text})
	switch {
	case errors.Is(err, speak.ErrText), errors.Is(err, speak.ErrNoVoice):
		return nil, invalid("body.text", err.Error())
	case err != nil:
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "audio/wav")
		hc.SetHeader("Cache-Control", "no-store")
		_, _ = hc.BodyWriter().Write(speak.WAV(samples)) // Who has left hears nothing.
	}}, nil
}

func (s *Server) uploadPhrase(ctx context.Context, who Who, in *uploadInput) error {
	p := speak.Phrase{Lang: in.Body.Lang, Text: in.Body.Text}
	if err := p.Check(); err != nil {
		return invalid("body.text", err.Error())
	}
	samples, err := speak.Studio(in.Body.WAV)
	if errors.Is(err, speak.ErrStudio) {
		return invalid("body.wav", err.Error())
	}
	if err != nil {
		return err
	}
	u := flowstore.Upload{
		Key: speak.Key(p.Lang, p.Text), Lang: p.Lang, Text: p.Text, Sound: g711.EncodeUlaw(samples),
		Seconds: float32(len(samples)) / speak.Rate, File: in.Body.File, UploadedBy: string(who.ID),
	}
	if err := s.Flows.PutUpload(ctx, u); err != nil {
		return err
	}
	return s.uploadsChanged(ctx, who, u.Key, map[string]any{"file": u.File, "lang": u.Lang, "text": u.Text})
}

func (s *Server) dropUpload(ctx context.Context, who Who, in *uploadPath) error {
	if err := s.Flows.DropUpload(ctx, in.Key); err != nil {
		return err
	}
	return s.uploadsChanged(ctx, who, in.Key, map[string]any{"dropped": true})
}

// uploadsChanged logs a change, and has it heard at once.
func (s *Server) uploadsChanged(ctx context.Context, who Who, key string, detail map[string]any) error {
	if err := s.Uploads.Load(ctx); err != nil {
		return err
	}
	return s.changed(ctx, who, "phrase:"+key, detail)
}
