package seal

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func keyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.key")
	if _, err := NewKeyFile(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, files ...string) *Keys {
	t.Helper()
	c := Config{KeyFiles: files}
	if faults := c.Check(); len(faults) > 0 {
		t.Fatal(faults)
	}
	k, err := Load(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func seal(t *testing.T, k *Keys, name string, plain []byte) ([]byte, Wrapped) {
	t.Helper()
	var out bytes.Buffer
	w, key, err := k.Seal(&out, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), key
}

func open(k *Keys, key Wrapped, name string, sealed []byte) ([]byte, error) {
	r, length, err := k.Open(key, name, bytes.NewReader(sealed), int64(len(sealed)))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(r, 0, length))
}

func TestASealedFileIsReadAnywhere(t *testing.T) {
	k := load(t, keyFile(t))
	for _, size := range []int{0, 1, 1 << 16, 1<<16 + 1, 700_000} {
		plain := bytes.Repeat([]byte("fLaC and more. "), size/15+1)[:size]
		sealed, key := seal(t, k, "c1.2", plain)
		if bytes.Contains(sealed, []byte("fLaC")) {
			t.Fatalf("%d bytes: the sound is in the file", size)
		}
		if got, err := open(k, key, "c1.2", sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes: read %d, %v", size, len(got), err)
		}
		r, err := k.Read(key, "c1.2", bytes.NewReader(sealed))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes: read %d in a row, %v", size, len(got), err)
		}
		at, length, err := k.Open(key, "c1.2", bytes.NewReader(sealed), int64(len(sealed)))
		if err != nil || length != int64(size) {
			t.Fatalf("length %d, want %d: %v", length, size, err)
		}
		for range 20 {
			off := rand.IntN(size + 1)
			p := make([]byte, min(rand.IntN(100_000), size-off))
			if n, err := at.ReadAt(p, int64(off)); err != nil && !errors.Is(err, io.EOF) || n != len(p) || !bytes.Equal(p, plain[off:off+n]) {
				t.Fatalf("%d bytes at %d: %v", n, off, err)
			}
		}
	}
}

func TestNothingOpensButTheRightFileWithItsKey(t *testing.T) {
	k := load(t, keyFile(t))
	plain := bytes.Repeat([]byte("sound"), 100_000)
	sealed, key := seal(t, k, "c1.2", plain)
	other, otherKey := seal(t, k, "c9.2", plain)
	if _, err := open(k, otherKey, "c1.2", sealed); err == nil {
		t.Error("it was opened with the key of another")
	}
	if _, err := open(k, otherKey, "c1.2", other); err == nil {
		t.Error("another file was taken for it, with that one's key")
	}
	for _, at := range []int{10, 30, 100, 1000, len(sealed) / 2, len(sealed) - 1} {
		bad := bytes.Clone(sealed)
		bad[at] ^= 1
		if _, err := open(k, key, "c1.2", bad); err == nil {
			t.Errorf("byte %d was changed, and nobody noticed", at)
		}
	}
	if _, err := open(k, key, "c1.2", sealed[:len(sealed)-70_000]); err == nil {
		t.Error("the end was cut off, and nobody noticed")
	}
	if _, err := open(k, Wrapped{Master: key.Master, Data: key.Data[:20]}, "c1.2", sealed); err == nil {
		t.Error("half a key opened it")
	}
}

func TestAMasterKeyIsChangedWithoutTheFiles(t *testing.T) {
	oldFile, newFile := keyFile(t), keyFile(t)
	before, both, after := load(t, oldFile), load(t, newFile, oldFile), load(t, newFile)
	sealed, key := seal(t, before, "c1.2", []byte("sound"))
	if _, err := after.Rewrap(key); err == nil || !strings.Contains(err.Error(), before.First()) {
		t.Errorf("without the old key: %v", err)
	}
	if got, err := open(both, key, "c1.2", sealed); err != nil || string(got) != "sound" {
		t.Errorf("with both: %q, %v", got, err)
	}
	wrapped, err := both.Rewrap(key)
	if err != nil || wrapped.Master != after.First() {
		t.Fatalf("wrapped by %s, %v", wrapped.Master, err)
	}
	if got, err := open(after, wrapped, "c1.2", sealed); err != nil || string(got) != "sound" {
		t.Errorf("with the new one alone: %q, %v", got, err)
	}
	_, err = open(before, wrapped, "c1.2", sealed)
	if unknown, ok := errors.AsType[*UnknownMasterError](err); !ok || unknown.Master != after.First() {
		t.Errorf("with the old one alone: %v", err)
	}
}

func TestKeysAreReadOrRefusedInWords(t *testing.T) {
	file := keyFile(t)
	if _, err := NewKeyFile(file); err == nil || !strings.Contains(err.Error(), "another name") {
		t.Errorf("a key was written over: %v", err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.Fields(string(data))
	k, err := Load(Config{Keys: secret[len(secret)-1], KeyFiles: []string{keyFile(t)}})
	if err != nil || len(k.Names()) != 2 || k.First() != load(t, file).First() {
		t.Errorf("keys of the environment come first: %v, %v", k, err)
	}
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("AGE-SECRET-KEY-1QQQ\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []Config{{}, {Keys: " "}, {Keys: "AGE-SECRET-KEY-1QQQ"}, {KeyFiles: []string{"/nowhere/key"}}, {KeyFiles: []string{broken}}} {
		faults := c.Check()
		if len(faults) != 1 || strings.Contains(faults[0], "1QQQ") {
			t.Errorf("%+v: %q", c, faults)
		}
	}
}
