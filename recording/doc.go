// Package recording writes, finishes, lists and plays the recordings of calls.
//
// A recording belongs to one agent leg. Left is what was sent to this agent, right is what this agent said while
// somebody could hear it. It goes through these states:
//
//	spool    <dir>/spool/<leg>.<part>.pcm + .json, written by a Writer in the media gateway while people talk
//	finished <dir>/YYYY/MM/DD/<leg>.flac, made by Finish from all parts of the leg (UTC date of the first part)
//	sealed   the same path + .age in the blob store, put there by Vault, which then removes the local file
//	row      table recordings, kept by Store: expected, finished, stored, failed, erased
//
// A leg has several parts when its media was made again (the gateway was killed, the browser came back to another one).
//
// # Ownership of files
//
// A Writer holds an flock on its .pcm for as long as it lives; the kernel gives it back when the process dies. So Finish
// and Sweep, in whatever process, know a part that is being written from one that was left behind, without asking anybody.
// Finish holds an flock on <leg>.lock, so that a late twin waits and then finds the work done.
//
// # Time
//
// Both channels share one time line that begins when the writer is made and counts samples of 8 kHz by the gateway's
// clock. Packets are placed by their RTP timestamps (so that jitter and reordering do no harm), and the mapping from
// timestamps to the time line follows the arrival of the least delayed packets (so that the senders' clocks, which differ
// by hundreds of parts per million, cannot carry the channels apart). See timeline.go.
package recording
