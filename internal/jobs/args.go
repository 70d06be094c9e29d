package jobs

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"hotline/cti/id"
)

// Queues of jobs, by what they need: sound is read and written where the parts lie, and a
// model fills the machine.
const (
	queueRecording = "recording"
	queueUpkeep    = "upkeep"
	queueSpeech    = "speech"
	queueLedger    = "ledger"
)

// unfinished are the states in which a job still is to be done, so that a twin is not needed.
func unfinished() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}
}

// finishRecording makes one file of what was recorded of the leg.
type finishRecording struct {
	Leg id.LegID `json:"leg" river:"unique"`
}

const (
	finishAttempts = 12
	// An hour of sound takes seconds; a slow disk gets its time.
	finishTimeout = 5 * time.Minute
)

// Kind is River's name for the job.
func (finishRecording) Kind() string { return "finish_recording" }

// InsertOpts lets one job wait for each leg.
func (finishRecording) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: queueRecording, MaxAttempts: finishAttempts,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()},
	}
}

// sweepRecordings looks for recordings whose finishing nobody asked for.
type sweepRecordings struct{}

const (
	sweepEvery   = time.Minute
	sweepTimeout = time.Minute
)

// Kind is River's name for the job.
func (sweepRecordings) Kind() string { return "sweep_recordings" }

// InsertOpts lets one sweep wait; the next comes soon enough to be the other's retry.
func (sweepRecordings) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: queueUpkeep, MaxAttempts: 1,
		UniqueOpts: river.UniqueOpts{ByState: unfinished()},
	}
}
