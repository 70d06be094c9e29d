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
	queueStore     = "store"
	queueUpkeep    = "upkeep"
	queueSpeech    = "speech"
	queueLedger    = "ledger"
	queueExpiry    = "expiry"
	queueTopics    = "topics"
	queueTrial     = "trial"
	queueModel     = "model"
	queueMessages  = "messages"
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

// storeRecording seals the finished recording of the leg and moves it to the blob store; of one that was erased it removes
// the files.
type storeRecording struct {
	Leg id.LegID `json:"leg" river:"unique"`
}

const (
	// Eight hours, most of it five minutes apart. After that the sweep asks again.
	storeAttempts = 100
	// Two hours of sound are 100 MB, and a line to a bucket may be slow.
	storeTimeout = 30 * time.Minute
)

// Kind is River's name for the job.
func (storeRecording) Kind() string { return "store_recording" }

// InsertOpts lets one job wait for each leg.
func (storeRecording) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: queueStore, MaxAttempts: storeAttempts,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()},
	}
}

// sweepRecordings looks for recordings whose finishing or storing nobody asked for.
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
