// Package evidence proves that recordings are what they were: nothing altered, lost, or slipped in.
//
// # The chain
//
// A recording enters the chain in the transaction that finishes it, and again when it is thrown away. An entry holds the
// hash of the plain FLAC file and of what else the row says, and its own hash covers the hash of the entry before. So
// an entry cannot be changed without changing all that follow, and the last hash stands for everything.
//
//	entry n:  hash(n) = SHA-256(encoding(n), hash(n-1)), see Entry.Encode
//	head:     Ed25519(seq, hash, time), by a key that lies outside the data, see Head
//
// # Order
//
// Whoever adds an entry holds an advisory lock until its transaction ends, so entries have one order and no gaps. It is
// taken last, after all rows are locked, or two transactions would wait for each other.
//
// # What it proves
//
// Without the key nobody can make a chain that agrees with a head that was signed, so what was entered before the newest
// head cannot be rewritten unnoticed by somebody who has the database and the files. What came after it can; how long
// that is says Config.SignEvery. See docs/evidence.md.
package evidence
