// Package qa is the quality of talk: what recordings say, what the rules find in it, how calls are scored and reviewed.
//
// A recording that is finished is transcribed once (package qa/asr). Digits of cards and identity numbers are masked before
// anything is stored. The rules of the live book (package qa/rule) are then applied, and everything is written in one
// transaction: transcript, searchable lines, findings, spans to be silenced in redacted copies. A job that runs twice
// writes the same; one that comes late, after another attempt began, writes nothing.
//
// Every recording gets a score by the live scorecard (packages qa/score and qa/card) in the same transaction; package qa/review
// is what people make of it.
package qa
