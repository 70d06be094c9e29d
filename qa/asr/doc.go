// Package asr writes down what recordings say.
//
// A Transcriber turns sound into speech with times: Local by a model on this machine, in the child process hotline-speech;
// Server by any service with an OpenAI-compatible /v1/audio/transcriptions. What either wrote is then made fit to be read
// and judged (Text): characters and words as in Taiwan, figures, the site's own terms, without what models invent in
// silence; what was not understood is marked and never judged.
//
// # Windows
//
// A model hears up to 30 seconds at once. Speech is found first, on each channel by itself, and put together to windows
// that are as full as possible, since a model that hears a sentence in its context errs less; long pauses are shortened on
// the way, and the times put right afterwards. Each stretch is widened a little at both ends, where detection cuts off
// quiet consonants.
package asr
