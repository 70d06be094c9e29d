// Package chat has a language model answer questions of a scorecard, by any service with an OpenAI-compatible
// /v1/chat/completions.
//
// What goes out is the transcript as it is stored, so without the digits of cards and identity numbers, and with every longer
// number starred besides; what was not understood, or said while the two did not hear one another, is left out. What comes
// back is taken only when it is the JSON that was asked for, gives a value that the question allows, and quotes nothing but
// what was said, word for word, by the one whom it names. Everything else is refused with its reason.
package chat
