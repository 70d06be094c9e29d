// Package keep says how long recordings are kept: retention by queue and outcome, legal holds, and erasure.
//
// # Throwing away
//
// Erase and Expire throw a recording away in one transaction: the row is locked, holds are looked for, every Eraser
// removes what its domain derived from the recording, the access log says who did it, and the chain of evidence gets an
// entry. The file itself goes afterwards; without its key nobody can read it meanwhile.
//
// # Holds
//
// A hold names recordings by a query. It covers those that are there in one statement, and each that comes later is
// looked at before it may be thrown away. Placing a hold and throwing away wait for each other's locks on the rows, so
// no recording is both. A trigger refuses what this package would forget.
package keep
