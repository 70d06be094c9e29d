// Package ivr holds the voice menu: what a [Flow] is, how one is checked, and how a caller walks through it.
//
// The package is pure. A [Flow] is immutable data, read from a file by package ivr/flowfile. [Flow.Step] applies one
// input to a [Position] and returns the new position and what is to be done; everything that needs no waiting (language,
// hours, goto) happens inside one call.
//
// # Contract with the host
//
// The host keeps the [Position], which travels with the call, and carries out each [Output]:
//
//   - A zero Output ([Output.Idle]) means: go on with what is being said or waited for. Digits that mean nothing where
//     the caller is are answered this way.
//   - Any other Output replaces what is being said and waited for. The host never stops an announcement by itself: Step
//     knows which ones a digit may interrupt.
//   - Say is played in order. When all of it has been heard (or could not be played) the host reports [Played], always,
//     unless Queue, Survey, Record, Transfer or HangUp is set: then that is done instead.
//   - If Wait is set, it starts when Say is over (at once when Say is empty); [Silence] is reported when it has passed
//     without a digit.
//   - Queue, Survey and Transfer hand the caller over. The host reports [Left] when they give the caller back; until then no
//     input is needed, and any is ignored.
//   - Record has what the caller says recorded after Say and a tone, until the caller presses any key or [Flow.Longest] has
//     passed. The host reports [Taped], and keeps the recording as a message when Keep is set.
//   - Sub enters another flow at once, by [Flow.Descend] of that one, and Return leaves it, by [Flow.Ascend] of the one above,
//     each in the version that the position names. The flows above wait in the position.
//   - HangUp ends the call after Say.
//   - A caller who hangs up is reported as [Gone], for a message that is to be kept all the same.
//
// To begin, the host gives [Begin] with a zero position. After a restart it gives [Begin] with the position that
// travelled with the call: the current step is said again from its beginning, and a queue or survey is handed over again.
//
// # Ends
//
// A checked flow cannot spin: every way round in it needs the caller to press something or is counted. [MaxMoves] bounds
// what the caller can press for ever, and flows that were not checked. Past it the call ends with an apology.
//
// A position whose step no longer exists, because the flow was changed while the call was in it, goes to the flow's lost
// step; a flow without one apologises and hangs up.
package ivr
