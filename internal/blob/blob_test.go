package blob

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// bucket is a store on a server of its own.
func bucket(t *testing.T, prefix string) *S3 {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("calls"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	t.Cleanup(server.Close)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := S3Config{Endpoint: server.URL, Region: "tw", Bucket: "calls", Prefix: prefix, AccessKey: "hotline", SecretKeyFile: secret}
	if faults := c.Check(); len(faults) > 0 {
		t.Fatal(faults)
	}
	s, err := NewS3(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func noise(n int) []byte {
	data := make([]byte, n)
	rng := rand.NewChaCha8([32]byte{1})
	_, _ = rng.Read(data) // It never fails.
	return data
}

type failing struct{ after io.Reader }

func (f failing) Read(p []byte) (int, error) {
	n, err := f.after.Read(p)
	if errors.Is(err, io.EOF) {
		err = errors.New("the disk broke")
	}
	return n, err
}

func TestBothMakesKeepTheContract(t *testing.T) {
	for name, s := range map[string]Store{"folder": NewDir(filepath.Join(t.TempDir(), "made", "later")), "S3": bucket(t, ""), "S3 with a prefix": bucket(t, "a/b")} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			if got := names(t, s, ""); len(got) != 0 {
				t.Errorf("at first: %v", got)
			}
			for _, missing := range []string{"2026/a.age", "2026"} {
				if _, err := s.Open(ctx, missing); !errors.Is(err, ErrNotFound) {
					t.Errorf("open %s: %v", missing, err)
				}
				if _, err := s.Size(ctx, missing); !errors.Is(err, ErrNotFound) {
					t.Errorf("size of %s: %v", missing, err)
				}
				if err := s.Delete(ctx, missing); err != nil {
					t.Errorf("delete %s: %v", missing, err)
				}
			}
			long := noise(2*partSize + 12345) // three parts
			for _, data := range [][]byte{[]byte("first"), long, []byte("x"), long} {
				sum, err := s.Put(ctx, "2026/a.age", bytes.NewReader(data))
				if err != nil || sum.Size != int64(len(data)) || len(sum.SHA256) != 64 {
					t.Fatalf("put %d bytes: %+v, %v", len(data), sum, err)
				}
				if size, err := s.Size(ctx, "2026/a.age"); err != nil || size != int64(len(data)) {
					t.Errorf("size %d, want %d: %v", size, len(data), err)
				}
			}
			if _, err := s.Put(ctx, "2026/a.age", failing{strings.NewReader("half")}); err == nil {
				t.Error("half a file was stored")
			}
			if _, err := s.Put(ctx, "2027/b.age", strings.NewReader("b")); err != nil {
				t.Fatal(err)
			}
			readRandomly(t, s, "2026/a.age", long)
			if got := names(t, s, ""); !slices.Equal(got, []string{"2026/a.age", "2027/b.age"}) {
				t.Errorf("list: %v", got)
			}
			if got := names(t, s, "2027/"); !slices.Equal(got, []string{"2027/b.age"}) {
				t.Errorf("list of 2027: %v", got)
			}
			if err := s.Delete(ctx, "2026/a.age"); err != nil {
				t.Fatal(err)
			}
			if got := names(t, s, ""); !slices.Equal(got, []string{"2027/b.age"}) {
				t.Errorf("after deleting: %v", got)
			}
			for _, bad := range []string{"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", "a.new"} {
				if _, err := s.Put(ctx, bad, strings.NewReader("x")); err == nil {
					t.Errorf("the name %q was taken", bad)
				}
			}
		})
	}
}

func names(t *testing.T, s Store, prefix string) (all []string) {
	t.Helper()
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, info.Name)
	}
	slices.Sort(all)
	return all
}

func readRandomly(t *testing.T, s Store, name string, want []byte) {
	t.Helper()
	f, err := s.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if f.Size() != int64(len(want)) {
		t.Fatalf("size %d, want %d", f.Size(), len(want))
	}
	if got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size())); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("read %d bytes, %v", len(got), err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		off, n := rng.IntN(len(want)), rng.IntN(2*window)
		p := make([]byte, n)
		got, err := f.ReadAt(p, int64(off))
		whole := off+n <= len(want)
		if whole && got != n || !bytes.Equal(p[:got], want[off:off+got]) || whole && err != nil || !whole && !errors.Is(err, io.EOF) {
			t.Fatalf("read %d of %d bytes at %d: %v", got, n, off, err)
		}
	}
}

func TestWhatAKilledProcessLeftIsRemoved(t *testing.T) {
	root := t.TempDir()
	d := NewDir(root)
	left, living := filepath.Join(root, "a.age.1.new"), filepath.Join(root, "a.age.2.new")
	for _, name := range []string{left, living} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(living)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put(t.Context(), "a.age", strings.NewReader("whole")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what nobody writes is still there: %v", err)
	}
	if _, err := os.Stat(living); err != nil {
		t.Errorf("what somebody writes was taken away: %v", err)
	}
	if got := names(t, d, ""); !slices.Equal(got, []string{"a.age"}) {
		t.Errorf("list: %v", got)
	}
}

func TestAServerThatFailsIsNamed(t *testing.T) {
	s := bucket(t, "")
	s.bucket = "other"
	if _, err := s.Open(t.Context(), "a.age"); err == nil || errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "other") {
		t.Errorf("a bucket that is not there: %v", err)
	}
	if _, err := s.Put(t.Context(), "a.age", strings.NewReader("x")); err == nil || !strings.Contains(err.Error(), "other") {
		t.Errorf("a bucket that is not there: %v", err)
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	bad := S3Config{Endpoint: "s3.example.com", Prefix: "/x", SecretKey: "a", SecretKeyFile: "b"}
	if faults := bad.Check(); len(faults) != 5 {
		t.Errorf("faults = %q", faults)
	}
	if faults := (S3Config{}).Check(); len(faults) != 0 {
		t.Errorf("faults = %q", faults)
	}
}
