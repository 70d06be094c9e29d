package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// unfinished ends the names of files that are being written.
const unfinished = ".new"

// Dir is a Store in a folder. Only its owner reads the files.
type Dir struct{ root string }

// NewDir stores under root, which is made when the first file comes.
func NewDir(root string) *Dir { return &Dir{root: root} }

func (d *Dir) path(name string) string { return filepath.Join(d.root, filepath.FromSlash(name)) }

// Put is Store's.
func (d *Dir) Put(ctx context.Context, name string, r io.Reader) (Sum, error) {
	if err := checkName(name); err != nil {
		return Sum{}, err
	}
	sum, err := d.put(ctx, d.path(name), r)
	if err != nil {
		return Sum{}, fmt.Errorf("put %s into the folder %s: %w", name, d.root, err)
	}
	return sum, nil
}

func (d *Dir) put(ctx context.Context, path string, r io.Reader) (sum Sum, err error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Sum{}, err
	}
	removeAbandoned(path)
	f, err := os.CreateTemp(folder, filepath.Base(path)+".*"+unfinished)
	if err != nil {
		return Sum{}, err
	}
	named := false
	defer func() {
		err = errors.Join(err, f.Close())
		if !named {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	// The kernel gives the lock back when this process dies: so the next Put knows what nobody writes any more.
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return Sum{}, err
	}
	s := newSummer(whole{ctx, r})
	if _, err := io.Copy(f, s); err != nil {
		return Sum{}, err
	}
	if err := f.Sync(); err != nil {
		return Sum{}, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return Sum{}, err
	}
	named = true
	return s.sum(), d.syncUp(folder)
}

// whole ends a copy when its context does.
type whole struct {
	ctx context.Context
	r   io.Reader
}

func (w whole) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}

// removeAbandoned removes what killed processes left of the same file. What cannot be removed is left for the next.
func removeAbandoned(path string) {
	left, err := filepath.Glob(path + ".*" + unfinished)
	if err != nil {
		return // A name with a bracket; there is nothing to do about it.
	}
	for _, name := range left {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.Remove(name)
		}
		_ = f.Close()
	}
}

// syncUp makes a name and the folders that lead to it outlast a power cut.
func (d *Dir) syncUp(folder string) error {
	for {
		f, err := os.Open(folder)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
		if folder == d.root || len(folder) <= len(d.root) {
			return nil
		}
		folder = filepath.Dir(folder)
	}
}

// Open is Store's.
func (d *Dir) Open(_ context.Context, name string) (File, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	f, err := os.Open(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", name, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s in the store: %w", name, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s in the store: %w", name, err), f.Close())
	}
	return &dirFile{f, info.Size()}, nil
}

type dirFile struct {
	*os.File
	size int64
}

func (f *dirFile) Size() int64 { return f.size }

// Size is Store's.
func (d *Dir) Size(_ context.Context, name string) (int64, error) {
	if err := checkName(name); err != nil {
		return 0, err
	}
	info, err := os.Stat(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("size of %s: %w", name, ErrNotFound)
	}
	if err != nil {
		return 0, fmt.Errorf("size of %s in the store: %w", name, err)
	}
	return info.Size(), nil
}

// Delete is Store's.
func (d *Dir) Delete(_ context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	path := d.path(name)
	removeAbandoned(path)
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = d.syncUp(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("delete %s from the store: %w", name, err)
	}
	return nil
}

// List is Store's.
func (d *Dir) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		err := filepath.WalkDir(d.root, func(path string, e fs.DirEntry, err error) error {
			if err == nil {
				err = ctx.Err()
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil // Removed meanwhile, or nothing was ever stored.
			}
			if err != nil || e.IsDir() || strings.HasSuffix(path, unfinished) {
				return err
			}
			rel, err := filepath.Rel(d.root, path)
			name := filepath.ToSlash(rel)
			if err != nil || !strings.HasPrefix(name, prefix) {
				return err
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(Info{Name: name, Size: info.Size(), Modified: info.ModTime()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Info{}, fmt.Errorf("list the store in %s: %w", d.root, err))
		}
	}
}
