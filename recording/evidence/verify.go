package evidence

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
)

// Files are the recordings' files, wherever they lie and however they are sealed.
type Files interface {
	// Open opens the plain FLAC file of a leg. An error that is fs.ErrNotExist means that it is gone.
	Open(ctx context.Context, leg id.LegID) (io.ReadSeekCloser, time.Time, error)
	// Walk visits every file that is kept: its path as table recordings has it, and when it was changed.
	Walk(ctx context.Context, visit func(path string, changed time.Time) error) error
}

// FaultKind says what is wrong.
type FaultKind string

// The faults that Verify finds.
const (
	FaultEntryGone      FaultKind = "entry-gone"      // the chain has a gap
	FaultEntryAltered   FaultKind = "entry-altered"   // an entry is not what was hashed
	FaultRewritten      FaultKind = "chain-rewritten" // the chain does not lead to what was signed
	FaultUnsigned       FaultKind = "chain-unsigned"  // nobody signed for too long
	FaultHeadForged     FaultKind = "head-forged"     // a signature does not hold
	FaultHeadGone       FaultKind = "head-gone"       // a signed head is in one place, and not in another
	FaultRowGone        FaultKind = "row-gone"        // an entry has no row
	FaultRowAdded       FaultKind = "row-added"       // a row has no entry
	FaultRowAltered     FaultKind = "row-altered"     // a row says something else than its entry
	FaultManifest       FaultKind = "manifest-altered"
	FaultFileGone       FaultKind = "file-gone"
	FaultFileAdded      FaultKind = "file-added" // a file that no row names
	FaultFileAltered    FaultKind = "file-altered"
	FaultFileUnreadable FaultKind = "file-unreadable"
	FaultFileLeft       FaultKind = "file-left" // a file that should have been thrown away
)

// Fault is one thing that is not as it was.
type Fault struct {
	Kind   FaultKind `json:"kind"`
	Leg    id.LegID  `json:"leg,omitempty"`
	Path   string    `json:"path,omitempty"`
	Seq    int64     `json:"seq,omitempty"`
	Detail string    `json:"detail"`
}

func (f Fault) String() string {
	s := string(f.Kind)
	if f.Seq > 0 {
		s += fmt.Sprintf(" entry %d", f.Seq)
	}
	if f.Leg != "" {
		s += " leg " + string(f.Leg)
	}
	if f.Path != "" {
		s += " file " + f.Path
	}
	return s + ": " + f.Detail
}

// Report is what a verification came to.
type Report struct {
	Entries int64   `json:"entries"`
	Files   int64   `json:"files"` // whose content was hashed
	Signed  int64   `json:"signed"`
	Last    *Head   `json:"last_head,omitempty"`
	Remade  int64   `json:"remade"` // recordings that were finished more than once: their latest entry counts
	Faults  []Fault `json:"faults"`
}

// Verifier compares files, rows, chain and signed heads.
type Verifier struct {
	pool   *pgxpool.Pool
	files  Files
	config Config
	keys   map[string]ed25519.PublicKey
	quiet  time.Duration
	report Report
}

// NewVerifier reads the keys that the configuration names. quiet is for how long a file may lie there before its row
// must name it.
func NewVerifier(pool *pgxpool.Pool, files Files, c Config, quiet time.Duration) (*Verifier, error) {
	keys, err := c.keys()
	if err != nil {
		return nil, err
	}
	return &Verifier{pool: pool, files: files, config: c, keys: keys, quiet: quiet}, nil
}

// Verify looks at everything and returns what it found. An error means that it could not look.
func (v *Verifier) Verify(ctx context.Context) (Report, error) {
	v.report = Report{Faults: []Fault{}}
	for _, step := range []func(context.Context) error{v.verifyChain, v.verifyHeads, v.verifyRows, v.verifyFolder} {
		if err := step(ctx); err != nil {
			return v.report, err
		}
	}
	return v.report, nil
}

func (v *Verifier) fault(f Fault) { v.report.Faults = append(v.report.Faults, f) }

// hash reads the plain file of the leg.
func (v *Verifier) hash(ctx context.Context, leg id.LegID) (string, error) {
	f, _, err := v.files.Open(ctx, leg)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// verifyFile compares the leg's file with what was entered of it.
func (v *Verifier) verifyFile(ctx context.Context, want Entry, path string) (*Fault, error) {
	sum, err := v.hash(ctx, want.Leg)
	f := &Fault{Leg: want.Leg, Path: path, Seq: want.Seq}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, fs.ErrNotExist):
		f.Kind, f.Detail = FaultFileGone, "the file is gone"
	case err != nil:
		f.Kind, f.Detail = FaultFileUnreadable, err.Error()
	case sum != want.SHA256:
		f.Kind, f.Detail = FaultFileAltered, fmt.Sprintf("the file has the hash %s; %s was entered at %s", sum, want.SHA256, want.At.UTC().Format(time.RFC3339))
	default:
		v.report.Files++
		return nil, nil
	}
	return f, nil
}

// verifyFolder looks for files that no row names.
func (v *Verifier) verifyFolder(ctx context.Context) error {
	var paths []string
	flush := func() error {
		rows, err := v.pool.Query(ctx, `select p, coalesce((select r.state from recordings r where r.path = p and r.path <> '' limit 1), '')
			from unnest($1::text[]) p where not exists (select from recordings r where r.path = p and r.path <> '' and r.state in ('finished', 'stored'))`, paths)
		if err != nil {
			return fmt.Errorf("look for the rows of files: %w", err)
		}
		var path, state string
		_, err = pgx.ForEachRow(rows, []any{&path, &state}, func() error {
			switch state {
			case "":
				v.fault(Fault{Kind: FaultFileAdded, Path: path, Detail: "no row of the catalogue names this file"})
			case "erased":
				v.fault(Fault{Kind: FaultFileLeft, Path: path, Detail: "its recording was thrown away, and the file is still there"})
			default:
				v.fault(Fault{Kind: FaultFileAdded, Path: path, Detail: "the row of this file says that the recording is " + state})
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("look for the rows of files: %w", err)
		}
		paths = paths[:0]
		return nil
	}
	err := v.files.Walk(ctx, func(path string, changed time.Time) error {
		if time.Since(changed) < v.quiet {
			return nil // it may just be on its way into the catalogue
		}
		if paths = append(paths, path); len(paths) < batch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return fmt.Errorf("look through the files of recordings: %w", err)
	}
	return flush()
}

// batch is how many rows are read at once.
const batch = 1000
