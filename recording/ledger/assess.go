package ledger

import (
	"time"

	"hotline/cti/id"
	"hotline/recording"
)

// Kind of alarm.
type Kind string

// The kinds.
const (
	Missing Kind = "missing"
	Short   Kind = "short"
	Silent  Kind = "silent"
	Hash    Kind = "hash"
)

// Reason says which of the ways in which a recording can be missing it was, or what is wrong with its sound.
type Reason string

// The reasons.
const (
	ReasonNoRow      Reason = "no_row"     // the leg was connected, and the catalogue does not know of it
	ReasonUnfinished Reason = "unfinished" // the leg was over long ago
	ReasonFailed     Reason = "failed"     // Note says why
	ReasonFileGone   Reason = "file_gone"
	ReasonUnreadable Reason = "unreadable" // Note says why
	ReasonAltered    Reason = "altered"
	ReasonNoPackets  Reason = "no_packets" // silent: nothing came
	ReasonNoSound    Reason = "no_sound"   // silent: what came was silence
)

// Detail is what an alarm says. Fields that do not belong to its kind are empty.
type Detail struct {
	Reason     Reason `json:"reason,omitempty"`
	Note       string `json:"note,omitempty"`
	TalkMS     int64  `json:"talk_ms,omitempty"`     // from the answer to the end
	RecordedMS int64  `json:"recorded_ms,omitempty"` // the file's length
	LackMS     int64  `json:"lack_ms,omitempty"`     // of the talk, at its beginning or end
	BoundMS    int64  `json:"bound_ms,omitempty"`    // what may lack
	Side       string `json:"side,omitempty"`        // silent: left (the caller), right (the agent) or both
}

const (
	// grace is how long after a leg's end its file may take: the sweep of the spool and a full retry fit in.
	grace = 15 * time.Minute
	// boundFixed and boundShare are what may lack of a talk: the set-up of sound at the answer, the time between a
	// hang-up and its handling, and the difference of two clocks.
	boundFixed = 3 * time.Second
	boundShare = 100 // one part in a hundred
	// shortest is the length of sound below which silence means nothing.
	shortest = 5 * time.Second
	// quietest is the value, of 127, up to which everything counts as silence: -36 dB of full scale. G.711's own noise
	// is below, the faintest talk on a telephone line above it.
	quietest = 2
)

// Bound is how much of a talk of that length may lack in its recording.
func Bound(talk time.Duration) time.Duration { return boundFixed + talk/boundShare }

// facts are what is known of a leg.
type facts struct {
	Leg       id.LegID `db:"leg"`
	Connected bool     `db:"connected"` // its channel was up

	State      *recording.State `db:"state"` // null: no row
	Reason     *string          `db:"reason"`
	Started    *time.Time       `db:"started_at"`
	Ended      *time.Time       `db:"ended_at"`
	CallEnded  *time.Time       `db:"call_ended_at"`
	DurationMS *int64           `db:"duration_ms"`
	SHA256     *string          `db:"sha256"`
	Parts      []recording.Part `db:"parts"`
	Peaks      []byte           `db:"peaks"`
	Paused     int64            `db:"paused_ms"`
}

// assess says what is wrong with a leg, but for its file. It is pure.
func (f facts) assess(now time.Time) map[Kind]Detail {
	found := map[Kind]Detail{}
	switch {
	case f.State == nil:
		if f.Connected {
			found[Missing] = Detail{Reason: ReasonNoRow}
		}
		return found
	case *f.State == recording.StateFailed:
		// Who hung up before the sound was connected left nothing to record.
		if talk := f.talk(); f.Connected || talk > boundFixed {
			found[Missing] = Detail{Reason: ReasonFailed, Note: *f.Reason, TalkMS: talk.Milliseconds()}
		}
		return found
	case !f.kept():
		// A controller that died may never have said that the leg was over; then the call's end counts.
		over := f.Ended
		if over == nil {
			over = f.CallEnded
		}
		if over != nil && now.Sub(*over) > grace && (*f.State == recording.StateExpected || *f.State == recording.StateWriting) {
			found[Missing] = Detail{Reason: ReasonUnfinished, TalkMS: f.talk().Milliseconds()}
		}
		return found
	}
	if d, short := f.short(); short {
		found[Short] = d
	}
	if d, silent := f.silent(); silent {
		found[Silent] = d
	}
	return found
}

// kept says whether there must be a file.
func (f facts) kept() bool {
	return f.State != nil && (*f.State == recording.StateFinished || *f.State == recording.StateStored)
}

// talk is how long the leg lasted, as far as the row knows.
func (f facts) talk() time.Duration {
	if f.Ended == nil || f.Started == nil {
		return 0
	}
	return f.Ended.Sub(*f.Started)
}

// short compares the file with the talk. A finished row's start is that of its first part, which says how long after the
// answer that was.
func (f facts) short() (Detail, bool) {
	if f.Ended == nil {
		return Detail{}, false
	}
	var late time.Duration
	if len(f.Parts) > 0 {
		late = time.Duration(f.Parts[0].OnCallMS) * time.Millisecond
	}
	recorded := time.Duration(*f.DurationMS) * time.Millisecond
	talk := f.talk() + max(0, late)
	lack, bound := talk-recorded, Bound(talk)
	return Detail{
		TalkMS: talk.Milliseconds(), RecordedMS: recorded.Milliseconds(), LackMS: lack.Milliseconds(), BoundMS: bound.Milliseconds(),
	}, lack > bound
}

// silent looks for a channel without sound.
func (f facts) silent() (Detail, bool) {
	var p recording.Peaks
	if err := p.UnmarshalBinary(f.Peaks); err != nil {
		return Detail{}, false // the chain notices waveforms that were changed
	}
	length := time.Duration(*f.DurationMS)*time.Millisecond - time.Duration(f.Paused)*time.Millisecond
	var packets [2]int64
	var held int64
	for _, part := range f.Parts {
		packets[0] += part.Left.Packets
		packets[1] += part.Right.Packets
		for _, h := range part.Held {
			held += max(0, h.To-h.From)
		}
	}
	left := length >= shortest && still(p.Left)
	right := length-time.Duration(held)*time.Second/recording.Rate >= shortest && still(p.Right)
	d := Detail{RecordedMS: *f.DurationMS, Reason: ReasonNoSound}
	none := false
	switch {
	case left && right:
		d.Side, none = "both", packets[0]+packets[1] == 0
	case left:
		d.Side, none = "left", packets[0] == 0
	case right:
		d.Side, none = "right", packets[1] == 0
	default:
		return Detail{}, false
	}
	if none {
		d.Reason = ReasonNoPackets
	}
	return d, true
}

func still(peaks []int8) bool {
	for _, v := range peaks {
		if v > quietest || v < -quietest-1 {
			return false
		}
	}
	return true
}
