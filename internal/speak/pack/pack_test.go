package pack

import (
	"errors"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// sweep is a second of sound with loud and silent parts.
func sweep(n int) []int16 {
	s := make([]int16, n)
	for i := range s {
		if i/700%3 != 0 {
			s[i] = int16(12000 * math.Sin(float64(i)*float64(i)/20000))
		}
	}
	return s
}

func TestFLACIsLossless(t *testing.T) {
	for _, n := range []int{1, 16, 511, 512, 513, 8000, 12345} {
		want := sweep(n)
		data, err := EncodeFLAC(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeFLAC(data)
		if err != nil || len(got) < n || len(got) > n+15 || !slices.Equal(got[:n], want) {
			t.Errorf("%d samples came back as %d: %v", n, len(got), err)
		}
	}
	if _, err := EncodeFLAC(nil); err == nil {
		t.Error("no sound was encoded")
	}
	data, err := EncodeFLAC(sweep(8000))
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range [][]byte{nil, []byte("RIFF"), data[:len(data)/2], data[:50]} {
		if _, err := DecodeFLAC(broken); err == nil {
			t.Errorf("%d broken bytes were decoded", len(broken))
		}
	}
}

func TestPackFindsRecordings(t *testing.T) {
	data, err := EncodeFLAC(sweep(8000))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := Manifest{Version: 1, Entries: []Entry{
		{Lang: "zh-TW", Text: "您好。", Voice: "v", File: "zh-TW/a.flac", Seconds: 1},
		{Lang: "en", Text: "Hello there.", Voice: "v", File: "en/b.flac", Seconds: 1},
	}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{
		ManifestName:   {Data: manifest},
		"zh-TW/a.flac": {Data: data},
		"en/b.flac":    {Data: []byte("not FLAC")},
	}
	p, err := Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := p.Recording("zh-TW", " 您好。\n"); !ok || len(s) != 8000 {
		t.Errorf("%d samples, %v", len(s), ok)
	}
	if _, ok := p.Recording("en", "您好。"); ok {
		t.Error("a recording of another language")
	}
	if _, ok := p.Recording("en", "Hello there."); ok {
		t.Error("a broken file passes for a recording")
	}
	if len(p.Entries()) != 2 {
		t.Errorf("%d entries", len(p.Entries()))
	}
}

func TestOpenNamesFaults(t *testing.T) {
	for want, fsys := range map[string]fstest.MapFS{
		"zh-TW/a.flac": {ManifestName: {Data: []byte(`{"version":1,"entries":[{"lang":"zh-TW","text":"a","file":"zh-TW/a.flac"}]}`)}},
		"version 2":    {ManifestName: {Data: []byte(`{"version":2}`)}},
		"entry 1":      {ManifestName: {Data: []byte(`{"version":1,"entries":[{"lang":"zh-TW","text":"a","file":"../../etc/passwd"}]}`)}},
		"invalid":      {ManifestName: {Data: []byte(`nonsense`)}},
	} {
		if _, err := Open(fsys); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %q", err, want)
		}
	}
	if _, err := Open(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
