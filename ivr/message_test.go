package ivr_test

import (
	"testing"
	"time"

	"hotline/ivr"
)

func messageFlow(review bool) *ivr.Flow {
	say := func(zh string) ivr.Prompt { return ivr.Prompt{Text: ivr.Text{ivr.Mandarin: zh}} }
	m := ivr.Message{
		Say: ivr.Say{{Key: "speak"}}, Longest: time.Minute, Shortest: 2 * time.Second, Queue: "service", Note: ivr.Text{ivr.Mandarin: "留言"},
		Empty: ivr.Retry{Say: ivr.Say{{Key: "empty"}}, Repeat: 1, Next: ivr.Target{Step: "sorry"}},
		Done:  ivr.Target{Step: "thanks"}, Failed: ivr.Target{Step: "sorry"},
	}
	if review {
		m.Review, m.After = ivr.Say{{Key: "review"}}, 5*time.Second
	}
	return &ivr.Flow{
		ID: "m", Version: "v", Langs: []ivr.Lang{ivr.Mandarin}, Start: "speak",
		Prompts: map[string]ivr.Prompt{"speak": say("請留言"), "review": say("確定請按一"), "empty": say("沒有聽到"), "sorry": say("抱歉"), "thanks": say("謝謝")},
		Steps: map[string]ivr.Step{
			"speak": {Do: m}, "sorry": {Do: ivr.HangUp{Say: ivr.Say{{Key: "sorry"}}}}, "thanks": {Do: ivr.HangUp{Say: ivr.Say{{Key: "thanks"}}}},
		},
	}
}

// TestMessages walks callers through a message: what they hear, where they are, and whether something is kept.
func TestMessages(t *testing.T) {
	taped := func(s int) ivr.Input { return ivr.Taped{For: time.Duration(s) * time.Second} }
	key := func(d byte) ivr.Input { return ivr.Digit{Digit: d} }
	for _, c := range []struct {
		name   string
		review bool
		in     []ivr.Input
		said   string // last
		step   string
		kept   int // how often
	}{
		{"kept at once", false, []ivr.Input{taped(9)}, "謝謝", "thanks", 1},
		{"kept by its key", true, []ivr.Input{taped(9), key('1')}, "謝謝", "thanks", 1},
		{"kept by silence", true, []ivr.Input{taped(9), ivr.Silence{}}, "謝謝", "thanks", 1},
		{"spoken again", true, []ivr.Input{taped(9), key('2'), taped(5), key('1')}, "謝謝", "thanks", 2},
		{"a wrong key asks again", true, []ivr.Input{taped(9), key('7')}, "確定請按一", "speak", 1},
		{"not for ever", true, []ivr.Input{taped(9), key('7'), key('7'), key('7'), key('7'), key('7')}, "謝謝", "thanks", 1},
		{"too short", true, []ivr.Input{taped(1)}, "請留言", "speak", 0},
		{"too short twice", true, []ivr.Input{taped(1), taped(1)}, "抱歉", "sorry", 0},
		{"not recorded", true, []ivr.Input{taped(0)}, "抱歉", "sorry", 0},
		{"hung up while speaking", true, []ivr.Input{ivr.Gone{For: 9 * time.Second}}, "請留言", "speak", 1},
		{"hung up at once", true, []ivr.Input{ivr.Gone{For: time.Second}}, "請留言", "speak", 0},
		{"a restart asks for it again", true, []ivr.Input{ivr.Begin{}}, "請留言", "speak", 0},
		{"a restart on the review", true, []ivr.Input{taped(9), ivr.Begin{}}, "確定請按一", "speak", 1},
	} {
		f := messageFlow(c.review)
		for _, fault := range f.Check(ivr.Known{}) {
			if !fault.Warning {
				t.Fatal(fault)
			}
		}
		p, out := f.Step(ivr.Position{}, ivr.Begin{}, noon)
		said, kept, keys := out.Say, 0, map[string]bool{}
		for _, in := range c.in {
			p, out = f.Step(p, in, noon)
			if len(out.Say) > 0 {
				said = out.Say
			}
			if out.Keep != nil {
				kept++
				keys[out.Keep.Key] = true
				if out.Keep.Queue != "service" || out.Keep.Note != "留言" {
					t.Errorf("%s: kept %+v", c.name, out.Keep)
				}
			}
		}
		if last := said[len(said)-1].Text; last != c.said || p.Step != c.step || kept != c.kept || len(keys) > 1 {
			t.Errorf("%s: says %s at %s and has kept %d as %v", c.name, last, p.Step, kept, keys)
		}
	}
}
