package asterisk

import (
	"bufio"
	"errors"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// frames returns what Asterisk 22.10.1 sent in one run with a Local channel: testdata/frames.jsonl.
func frames(t testing.TB) []string {
	t.Helper()
	f, err := os.Open("testdata/frames.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		out = append(out, lines.Text())
	}
	return out
}

func TestDecodeWhatAsteriskSends(t *testing.T) {
	at := time.Date(2026, 11, 23, 5, 53, 16, 0, time.UTC)
	var got []Event
	for _, frame := range frames(t) {
		ev, err := Decode([]byte(frame))
		if strings.HasPrefix(frame, `{"type":"RESTResponse"`) {
			if !errors.Is(err, ErrUnknownEvent) {
				t.Errorf("an answer is an event: %v, %v", ev, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v: %s", err, frame)
		}
		if ev != nil {
			got = append(got, ev)
		}
	}
	start, ok := got[0].(StasisStart)
	want := Channel{
		ID: "two", Name: "Local/0800000123@lines-00000000;2", State: "Ring", CallerName: "王小明", CallerNumber: "0912345678",
		Dialed: "0800000123", Args: []string{"order"}, Language: "en", Created: at.Add(25 * time.Millisecond),
	}
	if !ok || !reflect.DeepEqual(start.Channel, want) || !start.At.Equal(at.Add(26*time.Millisecond)) {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
	kinds := map[string]bool{}
	for _, ev := range got {
		kinds[reflect.TypeOf(ev).Name()] = true
	}
	for _, kind := range []string{
		"StasisStart", "StasisEnd", "ChannelDestroyed", "HangupRequested", "ChannelStateChanged", "DigitReceived",
		"PlaybackStarted", "PlaybackFinished", "EnteredBridge", "LeftBridge", "BridgeDestroyed",
	} {
		if !kinds[kind] {
			t.Errorf("no %s among %d events", kind, len(got))
		}
	}
}

func TestCallersCannotSmuggle(t *testing.T) {
	for in, want := range map[string]string{
		"0912345678":                           "0912345678",
		"":                                     "",
		"  王小明\r\n":                            "王小明",
		"a\x00b\x1b[31mc\u0085d\u2028e\u2029f": "ab[31mcdef",
		"\u202egnp.exe\u2066\ufeff\u200b":      "gnp.exe",
		"\xff\xfe4":                            "\uFFFD4",
		"<script>alert('x')</script>":          "<script>alert('x')</script>", // who shows it escapes it
		strings.Repeat("9", 1<<20):             strings.Repeat("9", 64),
		strings.Repeat("王", 100):               strings.Repeat("王", 21),
		strings.Repeat("\u200b", 1<<20) + "x":  "",
	} {
		if got := clean(in, 64); got != want {
			t.Errorf("clean(%.40q) = %.80q, want %.80q", in, got, want)
		}
	}
}

func TestPassedOverAndWantedDoNotOverlap(t *testing.T) {
	for kind := range wanted {
		if passedOver[kind] {
			t.Errorf("%s is both", kind)
		}
	}
}

func TestIDsAreEscapedInPaths(t *testing.T) {
	r := newRequest("POST", "channels/{id}/play/{id}", "a/b?c #d", "1+1 {id} 王")
	got := r.uri()
	if want := "channels/a%2Fb%3Fc%20%23d/play/1%2B1%20%7Bid%7D%20%E7%8E%8B"; got != want {
		t.Errorf("uri %q, want %q", got, want)
	}
	if back, err := url.PathUnescape(got); err != nil || !strings.HasSuffix(back, "1+1 {id} 王") {
		t.Errorf("%q, %v", back, err)
	}
}

// FuzzDecode feeds the reader whatever might come over the socket. What it lets through keeps the promises of event.go.
func FuzzDecode(f *testing.F) {
	for _, frame := range frames(f) {
		f.Add([]byte(frame))
	}
	for _, s := range []string{
		``, `{`, `[]`, `null`, `{"type":"StasisStart"}`, `{"type":"ChannelDestroyed","channel":{"id":"c"},"cause":"x"}`,
		`{"type":"Nonsense"}`, `{"type":"RESTResponse","request_id":"1","status_code":-1}`,
		`{"type":"StasisStart","args":["` + "\xff" + `"],"channel":{"id":"c","caller":{"number":"\u0000\u202e"},"creationtime":"?"}}`,
		`{"type":"ApplicationReplaced","application":"hotline"}`,
	} {
		f.Add([]byte(s))
	}
	client, err := New(Config{URL: "http://h", App: "fuzz", User: "u", Password: "p"}, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ev, err := Decode(data)
		if ev != nil && err != nil {
			t.Fatalf("an event and an error: %+v, %v", ev, err)
		}
		switch e := ev.(type) {
		case StasisStart:
			checkChannel(t, e.Channel)
		case DigitReceived:
			if !strings.ContainsRune("0123456789*#ABCD", rune(e.Digit)) || e.Channel == "" {
				t.Errorf("%+v", e)
			}
		}
		if _, replaced := ev.(ApplicationReplaced); !replaced {
			newSocket(client, nil).take(data)
		}
	})
}

func checkChannel(t *testing.T, c Channel) {
	t.Helper()
	if c.ID == "" || len(c.Args) > maxArgs {
		t.Errorf("%+v", c)
	}
	for _, text := range append([]string{c.Name, c.CallerName, c.CallerNumber, c.Dialed, c.Language}, c.Args...) {
		if !utf8.ValidString(text) || len(text) > maxArg || strings.ContainsFunc(text, unicode.IsControl) {
			t.Errorf("%q came through", text)
		}
	}
}
