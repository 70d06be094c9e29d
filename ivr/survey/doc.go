// Package survey holds what callers are asked after a call, and what their answers are worth.
//
// The package is pure: a [Survey] is immutable data, [Survey.Step] turns one input into what is said next, and the
// scores are functions of the answers. It also owns the two words that the voice menu and the survey share, [Lang] and
// [Phrase].
//
// # Contract with the host
//
// The host keeps the [Position] and carries out the [Output]:
//
//   - A zero Output ([Output.Idle]) means: go on with what is being said or waited for.
//   - Any other Output replaces what is being said and waited for.
//   - Answer is to be stored before anything else of the Output is done; the store keeps one answer for each question of
//     a call, so that an answer that is given again after a restart changes nothing.
//   - Say is played in order. When all of it has been heard the host reports [Played], always.
//   - If Wait is set, it starts when Say is over (at once when Say is empty); [Silence] is reported when it has passed
//     without a digit.
//   - Record has what the caller says recorded after Say and a tone, until the caller presses any key or the question's
//     longest time has passed. The host reports [Taped]; that goes for a caller who hangs up meanwhile too. The recording
//     belongs to the Answer that is Spoken.
//   - Done ends the survey after Say. No further input is needed, and any is ignored.
//
// After a restart, or to begin with, the host gives [Begin]: the current question is asked again.
package survey
