// Package voices is what the demo's people say on the telephone: short
// conversations of customers with the three queues of the demo company, and an
// agent's usual sentences, in Mandarin, as 8 kHz sound.
//
// script.json is what is said and by whom; the recordings beside it, and
// manifest.json, are made of it with `hotline speak` and Kokoro-82M's voices
// (Apache-2.0), which speaks only what is missing or changed.
package voices

import (
	"embed"
	"fmt"
	"sync"
	"time"

	"hotline/internal/speak/pack"
)

//go:embed manifest.json zh-TW/*.flac
var files embed.FS

// agentScene is the manifest's name for the agent's sentences.
const agentScene = "agent"

// Utterance is what one person says before the other one answers.
type Utterance struct {
	Text    string
	Samples []int16 // 8 kHz mono; not to be changed
}

// Duration of the sound.
func (u Utterance) Duration() time.Duration {
	return time.Duration(len(u.Samples)) * time.Second / pack.Rate
}

// Conversation is the customer's side of a call.
type Conversation struct {
	Name       string
	Queue      string // id of the queue that the customer wants: order, service or member
	Utterances []Utterance
}

type content struct {
	conversations []Conversation
	agent         []Utterance
}

// load reads the embedded recordings, in the manifest's order: by conversation,
// then as they are said.
var load = sync.OnceValues(func() (content, error) {
	var c content
	p, err := pack.Open(files)
	if err != nil {
		return c, fmt.Errorf("demo voices: %w", err)
	}
	for _, e := range p.Entries() {
		samples, err := p.Samples(e)
		if err != nil {
			return c, fmt.Errorf("demo voices: %w", err)
		}
		u := Utterance{Text: e.Text, Samples: samples}
		if e.Conversation == agentScene {
			c.agent = append(c.agent, u)
			continue
		}
		if n := len(c.conversations); n == 0 || c.conversations[n-1].Name != e.Conversation {
			c.conversations = append(c.conversations, Conversation{Name: e.Conversation, Queue: e.Queue})
		}
		last := &c.conversations[len(c.conversations)-1]
		last.Utterances = append(last.Utterances, u)
	}
	return c, nil
})

// Conversations returns the customers' sides, by name. Like Agent it panics when
// the program was built from broken recordings, which the test of this package
// excludes.
func Conversations() []Conversation { return mustLoad().conversations }

// Agent returns an agent's sentences: the opening first, the closing last.
func Agent() []Utterance { return mustLoad().agent }

func mustLoad() content {
	c, err := load()
	if err != nil {
		panic(err)
	}
	return c
}
