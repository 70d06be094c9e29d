package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"hotline/internal/speak"
)

// robot is an engine of last resort that hums.
type robot struct{}

func (robot) Name(string) string { return "robot" }
func (robot) LastResort() bool   { return true }
func (robot) Speak(context.Context, string, string) (speak.Sound, error) {
	return speak.Sound{Rate: speak.Rate, Samples: hum(speak.Rate/2, 200)}, nil
}

func hum(n int, hertz float64) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(0.3 * math.Sin(2*math.Pi*hertz*float64(i)/speak.Rate))
	}
	return out
}

// studio is a recording of a second and a half.
func studio() []byte {
	samples := make([]int16, 0, 12000)
	for _, v := range hum(12000, 700) {
		samples = append(samples, int16(v*32767))
	}
	return speak.WAV(samples)
}

func TestAPhraseIsHeardAndRecordedAnew(t *testing.T) {
	f, yaml := flowOffice(t)
	hui, sue, amy := f.as("u7"), f.as("u3"), f.as("u1")
	const welcome = "好日生活您好，很高興為您服務。"
	of := func() (found PhraseSound) {
		t.Helper()
		all := answered[list[PhraseSound]](f, sue.want(200, "", "POST", "/api/v1/flows/phrases", flowBody(yaml, nil)))
		if len(all.Items) < 20 {
			t.Fatalf("%d phrases", len(all.Items))
		}
		for _, p := range all.Items {
			if p.Text == welcome {
				found = p
			}
		}
		return found
	}
	sound := func() []byte {
		t.Helper()
		r := sue.want(200, "", "POST", "/api/v1/flows/sound", map[string]any{"lang": "zh-TW", "text": welcome})
		if r.Header.Get("Content-Type") != "audio/wav" || !bytes.HasPrefix(r.body, []byte("RIFF")) {
			t.Errorf("%v", r.Header)
		}
		return r.body
	}
	if p := of(); p.Source != "unspoken" || !p.Robot || p.Voice != "robot" || p.Key != speak.Key("zh-TW", welcome) {
		t.Errorf("before: %+v", p)
	}
	robots := sound()
	if p := of(); p.Source != "spoken" {
		t.Errorf("spoken: %+v", p)
	}

	body := map[string]any{"lang": "zh-TW", "text": welcome, "file": "歡迎詞.wav", "wav": studio()}
	sue.want(403, "forbidden", "POST", "/api/v1/flows/uploads", body)
	amy.want(403, "forbidden", "POST", "/api/v1/flows/sound", map[string]any{"lang": "zh-TW", "text": welcome})
	hui.want(204, "", "POST", "/api/v1/flows/uploads", body)
	p := of()
	if p.Source != "upload" || p.Upload == nil || p.Upload.File != "歡迎詞.wav" || p.Upload.By == "" || p.Upload.Seconds < 1 || p.Robot {
		t.Errorf("uploaded: %+v", p)
	}
	if heard := sound(); len(heard) <= len(robots) {
		t.Errorf("the recording is not heard: %d bytes, the robot's %d", len(heard), len(robots))
	}
	// A controller that is started again, or another one, has it too.
	if err := f.Uploads.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if samples, ok := f.Uploads.Recording("zh-TW", welcome+" "); !ok || len(samples) < 11000 {
		t.Errorf("%d samples, %v", len(samples), ok)
	}
	hui.want(204, "", "DELETE", "/api/v1/flows/uploads/"+p.Key, nil)
	hui.want(404, "not_found", "DELETE", "/api/v1/flows/uploads/"+p.Key, nil)
	if p := of(); p.Source != "spoken" || p.Upload != nil || !bytes.Equal(sound(), robots) {
		t.Errorf("removed: %+v", p)
	}
	if n := count(f, `select count(*) from access_log where object = $1`, "phrase:"+p.Key); n != 2 {
		t.Errorf("%d changes are in the log", n)
	}
}

func TestRecordingsAreRefusedWithTheReason(t *testing.T) {
	f, _ := flowOffice(t)
	hui := f.as("u7")
	for want, change := range map[string]map[string]any{
		"not a WAV file":   {"wav": []byte("ID3")},
		"holds no sound":   {"wav": speak.WAV(nil)},
		"too quiet":        {"wav": speak.WAV(make([]int16, 8000))},
		"neither letter":   {"text": "…"},
		"expected value":   {"lang": "fr"},
		"expected length":  {"file": ""},
		"required propert": {"wav": nil},
	} {
		body := map[string]any{"lang": "en", "text": "Hello.", "file": "a.wav", "wav": studio()}
		for k, v := range change {
			if body[k] = v; v == nil {
				delete(body, k)
			}
		}
		r := hui.want(422, "invalid", "POST", "/api/v1/flows/uploads", body)
		var problem Problem
		if err := json.Unmarshal(r.body, &problem); err != nil || !strings.Contains(fmt.Sprint(problem.Errors, problem.Detail), want) {
			t.Errorf("want %q: %s", want, r.body)
		}
	}
}
