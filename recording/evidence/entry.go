package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"hotline/cti/id"
)

// Kind says what an entry is about.
type Kind string

const (
	// KindFinished is a recording that was finished, or made again of more parts.
	KindFinished Kind = "finished"
	// KindErased is a recording that was thrown away on request.
	KindErased Kind = "erased"
	// KindExpired is a recording whose time of keeping was over.
	KindExpired Kind = "expired"
)

// Entry is one link of the chain. What is known only of a finished recording is empty in others.
type Entry struct {
	Seq        int64      `db:"seq"` // from 1, without gaps
	Kind       Kind       `db:"kind"`
	Leg        id.LegID   `db:"leg"`
	At         time.Time  `db:"at"`
	Started    *time.Time `db:"started_at"`
	DurationMS int64      `db:"duration_ms"`
	SHA256     string     `db:"sha256"`   // of the plain FLAC file, in hex
	Manifest   string     `db:"manifest"` // of what else the row says, in hex
	Note       string     `db:"note"`     // one line, without personal data
	Hash       string     `db:"hash"`     // in hex
}

// genesis is what the first entry takes for the hash of the one before.
var genesis = strings.Repeat("0", sha256.Size*2)

// stamp writes times as PostgreSQL keeps them: to the microsecond.
const stamp = "2006-01-02T15:04:05.000000Z"

// Encode is what is hashed: lines that a person can write down again from the row. Every value is of one line, so no two
// entries have the same encoding.
func (e Entry) Encode(previous string) string {
	started := ""
	if e.Started != nil {
		started = e.Started.UTC().Format(stamp)
	}
	return fmt.Sprintf("hotline recording chain 1\nseq: %d\nkind: %s\nleg: %s\nat: %s\nstarted: %s\nduration_ms: %d\nsha256: %s\nmanifest: %s\nnote: %s\nprevious: %s\n",
		e.Seq, e.Kind, e.Leg, e.At.UTC().Format(stamp), started, e.DurationMS, e.SHA256, e.Manifest, e.Note, previous)
}

// Sum is the hash that the entry has after the previous one, in hex.
func (e Entry) Sum(previous string) string {
	sum := sha256.Sum256([]byte(e.Encode(previous)))
	return hex.EncodeToString(sum[:])
}
