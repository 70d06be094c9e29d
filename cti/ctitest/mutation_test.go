package ctitest

import (
	"errors"
	"strings"
	"testing"

	"hotline/cti"
)

// Each mutation is a Floor that does one thing wrong, and the invariant by which that must show. The commands of a sound
// Floor are corrupted on their way out, so that the product needs no switch for its own defects.
var mutations = []struct {
	name      string
	invariant string
	corrupt   func(*world) func([]cti.Command) []cti.Command
}{
	{"bridges the leg of another call", inOneBridge, func(*world) func([]cti.Command) []cti.Command {
		var last cti.Bridge
		return each(func(cmd cti.Command) cti.Command {
			b, ok := cmd.(cti.Bridge)
			if !ok {
				return cmd
			}
			wrong := b
			if last.Leg != "" {
				wrong.Leg, wrong.Part = last.Leg, last.Part
			}
			last = b
			return wrong
		})
	}},
	{"offers a second call to an agent", oneOffer, func(*world) func([]cti.Command) []cti.Command {
		busy := cti.Remember{}
		return each(func(cmd cti.Command) cti.Command {
			r, ok := cmd.(cti.Remember)
			if !ok || r.State.Phase != cti.PhaseRinging {
				return cmd
			}
			first := busy
			busy = r
			if first.State.Agent != "" {
				r.State.Agent = first.State.Agent
			}
			return r
		})
	}},
	{"lets a call wait though somebody could serve it", nobodyIdles, func(*world) func([]cti.Command) []cti.Command {
		return each(func(cmd cti.Command) cti.Command {
			switch cmd := cmd.(type) {
			case cti.Remember:
				if cmd.State.Phase == cti.PhaseRinging {
					cmd.State.Phase, cmd.State.Agent = cti.PhaseQueue, ""
				}
				return cmd
			case cti.Tell:
				if cmd.View.State == cti.AgentStateRinging {
					return nil
				}
			default:
			}
			return cmd
		})
	}},
	{"leaves timers behind", timerOwners, func(*world) func([]cti.Command) []cti.Command {
		return each(func(cmd cti.Command) cti.Command {
			if stop, ok := cmd.(cti.StopTimer); ok && stop.Timer.Kind == cti.TimerWait {
				return nil
			}
			return cmd
		})
	}},
	{"leaves wrap-up timers behind", timerOwners, func(*world) func([]cti.Command) []cti.Command {
		return each(func(cmd cti.Command) cti.Command {
			if stop, ok := cmd.(cti.StopTimer); ok && stop.Timer.Kind == cti.TimerWrapUp {
				return nil
			}
			return cmd
		})
	}},
	{"forgets a recording", recordingsEnd, func(*world) func([]cti.Command) []cti.Command {
		return drop[cti.FinishRecording](20)
	}},
	{"forgets to hang up", callsEnd, func(*world) func([]cti.Command) []cti.Command {
		return drop[cti.HangUp](5)
	}},
	{"forgets a leg", nothingRemains, func(*world) func([]cti.Command) []cti.Command {
		return drop[cti.DropLeg](20)
	}},
	{"forgets a bridge", nothingRemains, func(*world) func([]cti.Command) []cti.Command {
		return drop[cti.Unbridge](20)
	}},
	{"forgets the music", nobodyInVain, func(*world) func([]cti.Command) []cti.Command {
		return drop[cti.StartMusic](5)
	}},
	{"forgets the ledger", everyTalkOwes, func(*world) func([]cti.Command) []cti.Command {
		return drop[cti.OweRecording](20)
	}},
	{"keeps what was keyed before", secretIsKept, func(*world) func([]cti.Command) []cti.Command {
		return drop[cti.ForgetSecret](1)
	}},
	{"records what was refused", refusedIsHeeded, func(*world) func([]cti.Command) []cti.Command {
		return each(func(cmd cti.Command) cti.Command {
			if leg, ok := cmd.(cti.ConnectLeg); ok {
				leg.Refused = ""
				return leg
			}
			return cmd
		})
	}},
	{"records nothing", everyTalkOwes, func(*world) func([]cti.Command) []cti.Command {
		return each(func(cmd cti.Command) cti.Command {
			if leg, ok := cmd.(cti.ConnectLeg); ok {
				leg.Refused = cti.RefusedByFlow
				return leg
			}
			return cmd
		})
	}},
	{"talks over itself", oneVoice, func(*world) func([]cti.Command) []cti.Command {
		return drop[cti.StopPlay](20)
	}},
}

// each passes every command through change; nil takes it out.
func each(change func(cti.Command) cti.Command) func([]cti.Command) []cti.Command {
	return func(cmds []cti.Command) []cti.Command {
		var out []cti.Command
		for _, cmd := range cmds {
			if cmd := change(cmd); cmd != nil {
				out = append(out, cmd)
			}
		}
		return out
	}
}

// drop takes out every n-th command of the type.
func drop[T cti.Command](n int) func([]cti.Command) []cti.Command {
	count := 0
	return each(func(cmd cti.Command) cti.Command {
		if _, ok := cmd.(T); ok {
			if count++; count%n == 0 {
				return nil
			}
		}
		return cmd
	})
}

func TestEveryInvariantCatchesItsMutation(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			o := Options{Seed: 7, Agents: 10, Calls: 300, Load: 1.2}
			if _, err := Sim(o); err != nil {
				t.Fatalf("without the mutation: %v", err)
			}
			o.corrupt = m.corrupt
			_, err := Sim(o)
			var broken *Broken
			if !errors.As(err, &broken) {
				t.Fatalf("nothing noticed: %v", err)
			}
			if broken.Invariant != m.invariant {
				t.Errorf("caught by %q, want %q: %v", broken.Invariant, m.invariant, err)
			}
			if !strings.Contains(err.Error(), "seed 7") {
				t.Errorf("the error does not tell the seed: %v", err)
			}
		})
	}
}
