// Package blob keeps whole files under names: in a folder (Dir) or in a bucket of an S3 server (S3).
//
// A file appears whole or not at all, and whoever puts one under a name that is taken replaces it. Names are relative
// paths with slashes.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"time"
)

// ErrNotFound means that no file has the name.
var ErrNotFound = errors.New("there is no such file in the store")

// Store keeps files. It is used from several goroutines at once.
type Store interface {
	// Put stores what r gives and returns its size and hash, which are of what was read: whoever must know that it lies
	// there opens it and reads it again. When r fails, nothing is stored.
	Put(ctx context.Context, name string, r io.Reader) (Sum, error)
	// Open opens a file, or returns ErrNotFound. ctx is for the opening alone.
	Open(ctx context.Context, name string) (File, error)
	// Size is the size of a file in bytes, or ErrNotFound.
	Size(ctx context.Context, name string) (int64, error)
	// Delete removes a file, so that it stays away after a power cut too. It is no fault when there is none.
	Delete(ctx context.Context, name string) error
	// List gives the files whose names begin with prefix, in no order. It ends with the first error.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Sum tells files apart.
type Sum struct {
	Size   int64
	SHA256 string // in hex
}

// Info describes a stored file.
type Info struct {
	Name     string
	Size     int64
	Modified time.Time
}

// checkName refuses names that could leave the folder, or that differ between folders and buckets.
func checkName(name string) error {
	if name == "" || !filepath.IsLocal(name) || filepath.ToSlash(filepath.Clean(name)) != name || strings.HasSuffix(name, unfinished) {
		return fmt.Errorf("%q cannot name a file of the store: give a relative path", name)
	}
	return nil
}

// summer sums up what is read through it.
type summer struct {
	r    io.Reader
	hash hash.Hash
	size int64
}

func newSummer(r io.Reader) *summer { return &summer{r: r, hash: sha256.New()} }

func (s *summer) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	_, _ = s.hash.Write(p[:n]) // A hash never fails.
	s.size += int64(n)
	return n, err
}

func (s *summer) sum() Sum { return Sum{Size: s.size, SHA256: hex.EncodeToString(s.hash.Sum(nil))} }
