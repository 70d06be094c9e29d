package asr

import (
	"archive/tar"
	"archive/zip"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ulikunitz/xz"
)

// Installation fetches a model, proves it and puts it in its place.
type Installation struct {
	Dir   string // of models
	Name  string // of the folder that is made
	From  string // a file, a folder or an address; the release of that name when empty
	VAD   string // the same for the model that finds speech
	Proof Proof
	Log   *slog.Logger
	// Program is hotline-speech; looked for when empty.
	Program string
	// Progress is told how many bytes of how many have come; all is 0 when nobody knows.
	Progress func(what string, done, all int64)
}

// bounds of what an archive may hold.
const (
	mostFiles     = 1000
	mostUnpacked  = 8 << 30 // bytes
	mostDownload  = 4 << 30
	downloadStall = 2 * time.Minute
)

// Run installs the model. What is there already is replaced only when the new one has proved itself.
func (i Installation) Run(ctx context.Context) (seal Seal, err error) {
	release, err := i.release()
	if err != nil {
		return Seal{}, err
	}
	if err := os.MkdirAll(i.Dir, 0o755); err != nil {
		return Seal{}, fmt.Errorf("make the folder for models: %w", err)
	}
	work, err := os.MkdirTemp(i.Dir, ".installing-*")
	if err != nil {
		return Seal{}, fmt.Errorf("make a folder to install in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := i.vad(ctx); err != nil {
		return Seal{}, err
	}
	folder, err := i.unpack(ctx, release.URL, work)
	if err != nil {
		return Seal{}, err
	}
	seal = Seal{Name: i.Name, Source: release.URL, Licence: release.Licence, Proved: time.Now().UTC()}
	if seal.Files, err = hashes(folder); err != nil {
		return Seal{}, err
	}
	if err := i.prove(ctx, folder); err != nil {
		return Seal{}, fmt.Errorf("prove the model: %w; nothing was changed", err)
	}
	if err := writeSeal(folder, seal); err != nil {
		return Seal{}, fmt.Errorf("write the model's seal: %w", err)
	}
	return seal, replace(folder, filepath.Join(i.Dir, i.Name), work)
}

// release is what to fetch.
func (i Installation) release() (Release, error) {
	at := slices.IndexFunc(Releases, func(r Release) bool { return r.Name == i.Name })
	switch {
	case i.Name == "" || i.Name != filepath.Base(i.Name) || strings.HasPrefix(i.Name, "."):
		return Release{}, fmt.Errorf("%q is no name for a folder", i.Name)
	case i.From != "":
		r := Release{Name: i.Name, URL: i.From, Licence: "unknown; see where it comes from"}
		if at >= 0 {
			r.Licence = Releases[at].Licence
		}
		return r, nil
	case at < 0:
		var names []string
		for _, r := range Releases {
			names = append(names, r.Name)
		}
		return Release{}, fmt.Errorf("there is no model %q; known are %s, and --from takes a file, a folder or an address", i.Name, strings.Join(names, ", "))
	}
	return Releases[at], nil
}

// vad fetches the model that finds speech, unless it is there.
func (i Installation) vad(ctx context.Context) error {
	path := filepath.Join(i.Dir, vadName)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	from := i.VAD
	if from == "" && i.From != "" && !isAddress(i.From) { // beside a local model
		if beside := filepath.Join(filepath.Dir(filepath.Clean(i.From)), vadName); exists(beside) {
			from = beside
		}
	}
	if from == "" {
		from = vadRelease.URL
	}
	in, size, err := i.open(ctx, from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	return i.write(path, i.counted(vadName, in, size), mostDownload)
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func isAddress(from string) bool {
	return strings.HasPrefix(from, "http://") || strings.HasPrefix(from, "https://")
}

func (i Installation) open(ctx context.Context, from string) (io.ReadCloser, int64, error) {
	if !isAddress(from) {
		f, err := os.Open(from)
		if err != nil {
			return nil, 0, err
		}
		info, err := f.Stat()
		return f, info.Size(), err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, 0, err
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: downloadStall}}
	res, err := client.Do(req)
	if err != nil {
		return nil, 0, fmt.Errorf("fetch the model: %w; without a connection give a file with --from", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, 0, errors.Join(fmt.Errorf("fetch the model: %s answers %s", from, res.Status), res.Body.Close())
	}
	return res.Body, res.ContentLength, nil
}

// counted tells of progress while it is read.
func (i Installation) counted(what string, in io.Reader, size int64) io.Reader {
	return &counter{in: in, tell: func(done int64) {
		if i.Progress != nil {
			i.Progress(what, done, max(0, size))
		}
	}}
}

type counter struct {
	in   io.Reader
	done int64
	tell func(int64)
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.done += int64(n)
	c.tell(c.done)
	return n, err
}

// write makes a file of what is read, at most so many bytes, and leaves none behind that is not whole.
func (i Installation) write(path string, in io.Reader, most int64) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	n, err := io.Copy(f, io.LimitReader(in, most+1))
	if n > most {
		err = fmt.Errorf("more than %d bytes", most)
	}
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// unpack puts what the model is made of into a folder and returns that in which the model's files lie.
func (i Installation) unpack(ctx context.Context, from, work string) (string, error) {
	dir := filepath.Join(work, "model")
	if info, err := os.Stat(from); err == nil && info.IsDir() {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			return "", fmt.Errorf("copy the model: %w", err)
		}
		return modelIn(dir)
	}
	in, size, err := i.open(ctx, from)
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }() // only read
	read := i.counted(filepath.Base(from), in, size)
	if strings.HasSuffix(from, ".zip") { // needs the whole file
		path := filepath.Join(work, "model.zip")
		if err := i.write(path, read, mostDownload); err != nil {
			return "", err
		}
		err = i.unzip(path, dir)
	} else {
		err = i.untar(from, read, dir)
	}
	if err != nil {
		return "", fmt.Errorf("unpack %s: %w", filepath.Base(from), err)
	}
	return modelIn(dir)
}

func (i Installation) untar(name string, in io.Reader, dir string) error {
	var err error
	switch {
	case strings.HasSuffix(name, ".bz2"):
		in = bzip2.NewReader(in)
	case strings.HasSuffix(name, ".gz"), strings.HasSuffix(name, ".tgz"):
		in, err = gzip.NewReader(in)
	case strings.HasSuffix(name, ".xz"):
		in, err = xz.NewReader(in)
	case !strings.HasSuffix(name, ".tar"):
		err = errors.New("it is no archive that can be read (.tar, .tar.bz2, .tar.gz, .tar.xz, .zip)")
	}
	if err != nil {
		return err
	}
	archive, left := tar.NewReader(in), int64(mostUnpacked)
	for n := 0; ; n++ {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if left -= h.Size; n > mostFiles || left < 0 {
			return errors.New("it holds more than a model")
		}
		if err := i.place(dir, h.Name, archive, h.Size); err != nil {
			return err
		}
	}
}

func (i Installation) unzip(path, dir string) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }() // only read
	left := int64(mostUnpacked)
	for n, f := range archive.File {
		if f.FileInfo().IsDir() {
			continue
		}
		if left -= int64(f.UncompressedSize64); n > mostFiles || left < 0 {
			return errors.New("it holds more than a model")
		}
		in, err := f.Open()
		if err != nil {
			return err
		}
		if err := errors.Join(i.place(dir, f.Name, in, int64(f.UncompressedSize64)), in.Close()); err != nil {
			return err
		}
	}
	return nil
}

// place writes one file of an archive, within the folder.
func (i Installation) place(dir, name string, in io.Reader, size int64) error {
	name = filepath.FromSlash(strings.TrimPrefix(name, "./"))
	if !filepath.IsLocal(name) {
		return fmt.Errorf("%q lies outside", name)
	}
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return i.write(path, in, size)
}

// modelIn is the folder, of one and those in it, that holds a model.
func modelIn(dir string) (string, error) {
	found := ""
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && found == "" && !d.IsDir() && strings.HasSuffix(d.Name(), "tokens.txt") {
			found = filepath.Dir(path)
		}
		return err
	})
	if err == nil && found == "" {
		err = errors.New("it holds no model of sherpa-onnx: tokens.txt is missing")
	}
	return found, err
}

func (i Installation) prove(ctx context.Context, folder string) error {
	model, err := NewLocal(LocalConfig{Model: folder, VAD: filepath.Join(i.Dir, vadName), Program: i.Program}, i.Log)
	if err != nil {
		return err
	}
	defer model.Close()
	return Prove(ctx, model, i.Proof)
}

// replace moves a folder to its place, and the one that was there aside until that is done.
func replace(from, to, work string) error {
	old := filepath.Join(work, "old")
	err := os.Rename(to, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("move the earlier model aside: %w", err)
	}
	had := err == nil
	if err := os.Rename(from, to); err != nil {
		if had {
			err = errors.Join(err, os.Rename(old, to))
		}
		return fmt.Errorf("put the model in its place: %w", err)
	}
	return nil
}
