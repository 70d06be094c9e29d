// Package speak turns text into telephone sound: 8 kHz, mono, one level of
// loudness, in files that Asterisk plays.
//
// A phrase is looked for in three places, the best first:
//
//  1. the recorded voice pack (package ivr/voices), made once with Record;
//  2. the sounds folder, where everything spoken before is kept by content;
//  3. the engines in the order of the configuration: a sherpa-onnx voice folder
//     spoken by the child process hotline-speech, and at the very end espeak-ng,
//     which sounds like a robot and is reported once as a warning.
//
// Whatever the engine, its sound goes through the same chain:
//
//	text -> Spoken (digits to words) -> Sentences -> engine -> Resample to 8 kHz
//	     -> trim -> pauses between sentences -> Level -> file
//
// The package has no cgo: the C++ libraries live in the child, which may hang or
// crash without harm. It is given a time for each sentence, killed when it takes
// longer, and started again for the next one.
package speak
