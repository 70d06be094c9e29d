// Package voices is the recorded voice pack that Hotline ships with: every phrase
// of the shipped flows and surveys, and the sentences that tell a caller's place
// in the queue and the expected wait, in Mandarin and English.
//
// The recordings are 8 kHz mono FLAC files of one loudness, spoken by Kokoro-82M
// (speaker zf_xiaoxiao for Mandarin, af_heart for English; Apache-2.0) and named
// by speak.Key. manifest.json says what each of them is. They are made with
// `hotline speak`, which speaks only what is missing or changed; the test of this
// package names the phrases of the shipped flows that have no recording.
package voices

import (
	"embed"
	"sync"

	"hotline/internal/speak/pack"
)

//go:embed manifest.json zh-TW/*.flac en/*.flac
var files embed.FS

var open = sync.OnceValues(func() (*pack.Pack, error) { return pack.Open(files) })

// Pack returns the voice pack. It panics when the program was built from a broken
// one, which the test of this package excludes.
func Pack() *pack.Pack {
	p, err := open()
	if err != nil {
		panic(err)
	}
	return p
}
