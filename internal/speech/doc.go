// Package speech runs hotline-speech, the child process that holds a speech model: it speaks texts (package
// internal/speak) or hears recordings (package qa/asr). The models' C++ libraries can hang, crash or grow, so they live in
// a process with limits of its own, which is started by the first request, ended when nothing was asked for a while,
// killed when a request takes longer than allowed, and started again, with back-off, by a later one.
//
// # Protocol
//
// On the child's standard input and output each message is one frame, little endian:
//
//	uint32  length of the JSON head in bytes, at most MaxHead
//	uint32  length of the body in bytes, at most MaxBody
//	head    one JSON object
//	body    raw sound, IEEE 754 float32 samples from -1 to 1; often empty
//
// The child speaks first, with a Hello when its model is loaded or one with an Error when it cannot be. Then each Request
// gets one Reply with the same ID, in order. Unknown members of a head are ignored, so that neighbouring versions work
// together. The child ends when its input ends.
package speech
