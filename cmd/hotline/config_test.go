package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hotline/internal/config"
	"hotline/ivr/flowfile"
	"hotline/recording/seal"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnImpossibleConfigurationIsToldWhole(t *testing.T) {
	path := write(t, "hotline.yaml", `log: loud
web:
  addr: nowhere
asterisk:
  url: ftp://there
gateway:
  addr: "127.0.0.1:8081"
  token: short
recordings:
  dir: relative
  s3:
    endpoint: https://s3.example.com
`)
	_, _, err := load(path, "web", "asterisk", "gateway", "recordings")
	var faults *config.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error %v", err)
	}
	var got []string
	for _, f := range faults.Faults {
		got = append(got, f.Field)
		if f.Message == "" || f.Line == 0 && f.Field != "asterisk.app" {
			t.Errorf("fault without place or words: %+v", f)
		}
	}
	for _, want := range []string{"log", "web.addr", "asterisk.url", "asterisk.app", "asterisk.user", "gateway.token", "recordings.dir", "recordings.key_files", "recordings.s3.bucket"} {
		if !slices.Contains(got, want) {
			t.Errorf("no fault for %s in %v", want, got)
		}
	}
}

func TestAProcessNeedsOnlyItsOwnPart(t *testing.T) {
	key := filepath.Join(t.TempDir(), "master.key")
	if _, err := seal.NewKeyFile(key); err != nil {
		t.Fatal(err)
	}
	path := write(t, "hotline.yaml", "web:\n  addr: nowhere\nrecordings:\n  dir: /var/lib/hotline\n  key_files: ["+key+"]\n")
	if _, _, err := load(path, "recordings"); err != nil {
		t.Errorf("a worker refuses to start for the web server's settings: %v", err)
	}
}

func TestAMalformedFlowStopsTheStart(t *testing.T) {
	path := write(t, "bad.yaml", "kind: flow\nversion: 1\nid: bad\nlanguages: [zh-TW]\nstart: nowhere\nsteps:\n  a:\n    hangup: {}\n  b:\n    goto: {step: c}\n")
	_, err := loadFlows([]string{path}, nil)
	var faults flowfile.Faults
	if !errors.As(err, &faults) || len(faults) < 2 {
		t.Fatalf("error %v", err)
	}
}

func TestSeeds(t *testing.T) {
	if first, last, err := seeds("3..500"); err != nil || first != 3 || last != 500 {
		t.Errorf("%d..%d, %v", first, last, err)
	}
	for _, bad := range []string{"", "3", "5..3", "a..b", "1..", "-1..3"} {
		if _, _, err := seeds(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
