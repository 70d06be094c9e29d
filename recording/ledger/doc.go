// Package ledger compares what recordings are owed with what there is, and raises alarms.
//
// Every answered agent leg owes one recording. A sweep looks at
//
//	missing  the leg is over and no file came, the job gave up, the file is gone, or the leg has no row at all
//	short    the file is shorter than the talk, by more than Bound
//	silent   a channel has no sound, though somebody was to be heard
//	hash     the file is not the one that was finished
//
// Nothing is owed of a leg that was refused or erased, and silence that was asked for (a pause, a hold) is none. There is
// one open alarm for a leg and kind; the next sweep clears it when the recording is mended.
//
// Each finished file is read once, and again when it was not looked at for RecheckAfter. That is not a proof: who can
// change a file can change its row too. See package evidence.
package ledger
