package speak

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRemoteSpeaksByOpenAIsInterface(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in map[string]string
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		if r.URL.Path != "/v1/audio/speech" || r.Header.Get("Authorization") != "Bearer secret" || in["model"] != "m" || in["voice"] != "mei" || in["response_format"] != "wav" {
			t.Errorf("%s %v %v", r.URL.Path, r.Header, in)
		}
		if in["input"] == "busy" {
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		_, _ = w.Write(studioTone(1, 0.5))
	}))
	defer server.Close()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := NewRemote(RemoteConfig{URL: server.URL + "/", KeyFile: key, Model: "m", Voices: map[string]string{Mandarin: "mei"}})
	if err != nil {
		t.Fatal(err)
	}
	if sound, err := r.Speak(t.Context(), Mandarin, "您好。"); err != nil || sound.Rate != Rate || len(sound.Samples) != Rate {
		t.Errorf("%d samples at %d, %v", len(sound.Samples), sound.Rate, err)
	}
	for lang, text := range map[string]string{Mandarin: "busy", English: "hello"} {
		if _, err := r.Speak(t.Context(), lang, text); !errors.Is(err, ErrEngine) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if r.Name(Mandarin) != "m/mei" {
		t.Error(r.Name(Mandarin))
	}
}

func TestRemoteConfigNamesEveryFault(t *testing.T) {
	faults := strings.Join(RemoteConfig{URL: "speech.example", Voices: map[string]string{"fr": "x"}, TimeLimit: -1}.check(), "\n")
	for _, want := range []string{"remote.url", "remote.model", `"fr"`, "remote.time_limit"} {
		if !strings.Contains(faults, want) {
			t.Errorf("%q is not in %s", want, faults)
		}
	}
	if faults := (RemoteConfig{}).check(); faults != nil {
		t.Error(faults)
	}
}
