package speak

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/internal/speak/pack"
)

func record(t *testing.T, dir string, v *VoiceFolder, prune bool, lines ...Line) RecordResult {
	t.Helper()
	r, err := Record(t.Context(), Recording{Dir: dir, Voice: v, Lines: lines, Prune: prune})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func line(text string) Line { return Line{Phrase: Phrase{English, text}} }

func TestRecordSpeaksOnlyWhatIsMissing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pack")
	v := childVoice(t, "good", nil)
	if r := record(t, dir, v, false, line("first phrase"), line("second phrase"), line("first  phrase")); r.Made != 2 || r.Kept != 1 {
		t.Errorf("%+v", r)
	}
	p, err := pack.Open(os.DirFS(dir))
	if err != nil || len(p.Entries()) != 2 {
		t.Fatalf("%v: %+v", err, p.Entries())
	}
	if s, ok := p.Recording(English, "first phrase"); !ok || len(s) < 1600 {
		t.Errorf("%d samples, %v", len(s), ok)
	}
	if r := record(t, dir, v, false, line("first phrase")); r.Made != 0 || r.Kept != 1 {
		t.Errorf("again: %+v", r)
	}
	if p, err = pack.Open(os.DirFS(dir)); err != nil || len(p.Entries()) != 2 {
		t.Errorf("without prune nothing is forgotten: %v, %d entries", err, len(p.Entries()))
	}
	if r := record(t, dir, v, true, line("first phrase")); r.Removed != 1 {
		t.Errorf("prune: %+v", r)
	}
	if p, err = pack.Open(os.DirFS(dir)); err != nil || len(p.Entries()) != 1 {
		t.Errorf("after prune: %v, %d entries", err, len(p.Entries()))
	}
}

func TestRecordSpeaksAgainWhatChanged(t *testing.T) {
	dir := t.TempDir()
	v := childVoice(t, "good", nil)
	record(t, dir, v, false, line("first phrase"))
	other := line("first phrase")
	other.Say = "furst fraze"
	if r := record(t, dir, v, false, other); r.Made != 1 {
		t.Errorf("another pronunciation: %+v", r)
	}
	faster := childVoice(t, "good", func(c *VoiceConfig) {
		c.Folder = v.cfg.Folder
		c.Speakers = map[string]Speaker{English: {Number: 8, Speed: 1.1}}
	})
	if r := record(t, dir, faster, true, other); r.Made != 1 {
		t.Errorf("another speed: %+v", r)
	}
	three := 3
	alice, bob := line("thank you"), line("thank you")
	bob.Speaker, bob.Scene = &three, pack.Scene{Conversation: "c", Role: "caller", Order: 1}
	if r := record(t, dir, v, true, alice, bob); r.Made != 2 {
		t.Errorf("two speakers: %+v", r)
	}
}

func TestRecordGoesOnWhereItFailed(t *testing.T) {
	dir := t.TempDir()
	v := childVoice(t, "good", nil)
	_, err := Record(t.Context(), Recording{Dir: dir, Voice: v, Lines: []Line{line("one"), line("crash"), line("two")}})
	if !errors.Is(err, ErrEngine) || !strings.Contains(err.Error(), `"crash"`) {
		t.Errorf("%v does not name the phrase", err)
	}
	if r := record(t, dir, v, true, line("one"), line("two")); r.Kept != 1 || r.Made != 1 {
		t.Errorf("%+v", r)
	}
}

func TestReadLines(t *testing.T) {
	for name, in := range map[string]string{
		"array":   `[{"lang":"en","text":"one"},{"lang":"zh-TW","text":"二","speaker":0,"role":"caller"}]`,
		"objects": `{"lang":"en","text":"one"}` + "\n" + `{"lang":"zh-TW","text":"二","speaker":0,"role":"caller"}`,
	} {
		lines, err := ReadLines(strings.NewReader(in))
		if err != nil || len(lines) != 2 || lines[1].Text != "二" || lines[1].Speaker == nil || lines[1].Role != "caller" {
			t.Errorf("%s: %+v, %v", name, lines, err)
		}
	}
	if lines, err := ReadLines(strings.NewReader("# prompts\n\nen\tone\nzh-TW\t二\n")); err != nil || len(lines) != 2 {
		t.Errorf("%+v, %v", lines, err)
	}
	for in, want := range map[string]string{
		"en one":                        "line 1: want language, tab, text",
		"en\tone\nfr\tdeux\nen\t\x01a":  "phrase 2",
		`[{"lang":"en","text":1}]`:      "read phrases",
		`{"lang":"en","text":"a"} junk`: "read phrases",
	} {
		if _, err := ReadLines(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v does not say %q", in, err, want)
		}
	}
}

func TestCommand(t *testing.T) {
	v := childVoice(t, "good", nil)
	var out bytes.Buffer
	c := Command{Voice: v.cfg, Dir: t.TempDir(), Lang: English, Texts: []string{"hello"}, Prune: true, Out: &out, Log: slog.New(slog.DiscardHandler)}
	if err := c.Run(t.Context()); err != nil || !strings.Contains(out.String(), "1 phrases spoken") {
		t.Errorf("%v\n%s", err, &out)
	}
	c.Texts, c.Input = nil, strings.NewReader("en\tbye\n")
	if err := c.Run(t.Context()); err != nil || !strings.Contains(out.String(), "1 files removed") {
		t.Errorf("%v\n%s", err, &out)
	}
	c.Input = strings.NewReader("")
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "nothing to speak") {
		t.Errorf("%v", err)
	}
	c.Texts = []string{"\x01"}
	if err := c.Run(t.Context()); !errors.Is(err, ErrText) {
		t.Errorf("%v", err)
	}
}
