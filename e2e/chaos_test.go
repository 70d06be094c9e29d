package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/cti"
	"hotline/internal/devstack"
	"hotline/internal/robot"
	"hotline/internal/sipphone"
)

// kills is how often something is killed in full length.
const kills = 200

// share of the full length of long runs: a twentieth unless HOTLINE_SOAK says otherwise.
func share(t *testing.T, whole int) int {
	t.Helper()
	part := 0.05
	if s := os.Getenv("HOTLINE_SOAK"); s != "" {
		var err error
		part, err = strconv.ParseFloat(s, 64)
		must(t, err)
	}
	return max(1, int(float64(whole)*part+.5))
}

// victims are killed one at a time; moments are when.
var (
	victims = []string{"worker", "media", "serve", "postgres", "store"}
	moments = []string{"recording", "pausing", "finishing", "storing", "scoring"}
)

// pieces of what is said, each of its own sound, so that each is found or not.
const (
	piece      = time.Second
	pieces     = 5
	mostMissed = 6 // pieces of one side that the death of the gateway may cost: the time until sound is back
)

// Something is killed by the known signal while a call is recorded, paused, finished, stored or scored, again and again by
// seed. Each answered leg ends with one file that holds everything that was said outside the gap, one transcript and one
// score; and what was said in a pause is nowhere.
func TestNothingIsLostWhateverIsKilled(t *testing.T) {
	n := share(t, kills)
	lanes := min(3, 1+n/8) // call centres beside one another, since a kill is mostly waiting
	t.Run("in", func(t *testing.T) {
		for lane := range lanes {
			t.Run(fmt.Sprintf("lane %d", lane), func(t *testing.T) {
				t.Parallel()
				var seeds []int
				for seed := lane; seed < n; seed += lanes {
					seeds = append(seeds, seed)
				}
				killAll(t, seeds)
			})
		}
	})
	if !t.Failed() {
		t.Logf("%d kills, nothing lost", n)
	}
}

// killAll has a call centre of its own in which every seed is one kill.
func killAll(t *testing.T, seeds []int) {
	store, model := newBucket(t), withModel(t)
	// Without past calls, since their recordings would be transcribed too.
	s := newStackOn(t, devstack.PostgresOptions{}, 0, func(settings map[string]any) {
		store.setting(settings)
		model(settings)
	})
	s.bucket = store
	s.startBucket()
	agent := s.agent("guanyu")
	for _, seed := range seeds {
		// Every victim in every moment comes up before one comes again.
		victim, moment := victims[seed%len(victims)], moments[(seed+seed/len(victims))%len(moments)]
		t.Logf("kill %d: %s while %s", seed, victim, moment)
		(&kill{stack: s, agent: agent, rng: rand.New(rand.NewPCG(uint64(seed), 7)), seed: uint64(seed), victim: victim, moment: moment}).run()
		if t.Failed() {
			return
		}
	}
	s.checkNoKeys()
}

// kill is one of them.
type kill struct {
	*stack
	agent          *robot.Agent
	rng            *rand.Rand
	seed           uint64
	victim, moment string

	caller *caller
	leg    string
	said   [2][][]int16 // by the caller and by the agent
	secret []int16
	at     int

	agentFrom int // how many packets the agent had heard before
}

func (k *kill) run() {
	t := k.t
	defer func() {
		if t.Failed() {
			k.tellWhatWasHeard()
		}
	}()
	k.caller = k.rings(int(k.seed % 90))
	k.caller.choose("1")
	k.answer(k.agent)
	k.back() // who speaks before is heard by nobody
	k.agentFrom = len(k.agent.Heard())
	k.leg = string(k.agent.View().Call.Leg)
	k.talk()
	switch k.moment {
	case "recording":
		k.strike(0)
		k.back()
		k.talk()
	case "pausing":
		k.pause(true)
		paused := time.Now()
		k.caller.Press(card)
		k.caller.Flush()
		k.checkKeys(paused)
		k.secret = voice(9_000_000+k.seed, 2*time.Second)
		k.caller.Say(k.secret)
		k.strike(time.Second)
		k.back()
		k.caller.Flush()
		k.pause(false)
		k.talk()
	}
	must(t, k.agent.Do(limit(t, 20*time.Second), "hang_up", map[string]any{"leg": k.leg}))
	switch k.moment {
	case "finishing":
		k.strike(500 * time.Millisecond)
	case "storing":
		k.state("finished", "stored")
		k.strike(300 * time.Millisecond)
	case "scoring":
		k.state("stored")
		k.strike(2 * time.Second)
	}
	k.ready()
	k.check()
}

// tellWhatWasHeard says of every piece how well the other side heard it, and where its stream stood still.
func (k *kill) tellWhatWasHeard() {
	k.t.Helper()
	if k.caller == nil {
		return
	}
	for side, packets := range [][]sipphone.Packet{k.agent.HeardSince(k.agentFrom), k.caller.Heard()} {
		wave := sipphone.Wave(packets)
		var pieces []string
		for _, said := range k.said[side] {
			c, at := sipphone.Match(wave, said)
			pieces = append(pieces, fmt.Sprintf("%.2f at %.1f s", c, float64(at)/8000))
		}
		k.t.Logf("said by %s: %s", []string{"the caller", "the agent"}[side], strings.Join(pieces, ", "))
		for i := 1; i < len(packets); i++ {
			if gap := packets[i].Arrived.Sub(packets[i-1].Arrived); gap > 300*time.Millisecond {
				k.t.Logf("  nothing came for %s after %d packets", gap.Round(time.Millisecond), i)
			}
		}
	}
	k.t.Logf("the agent's sound was connected again: %q", k.agent.Breaks())
}

// talk has both say some pieces, and waits until the last has been heard.
func (k *kill) talk() {
	k.t.Helper()
	for range pieces {
		k.at++
		base := 1000*k.seed + uint64(2*k.at)
		c, a := voice(base, piece), voice(base+1, piece)
		k.said[0], k.said[1] = append(k.said[0], c), append(k.said[1], a)
		k.caller.Say(c)
		k.agent.Say(a)
	}
	last := len(k.said[0]) - 1
	k.heard("the last piece, by the agent", func() []sipphone.Packet { return k.agent.HeardSince(k.agentFrom) }, k.said[0][last], 0.7, time.Minute)
	k.heard("the last piece, by the caller", k.caller.Heard, k.said[1][last], 0.7, time.Minute)
}

// strike kills the victim within so long, and starts it again.
func (k *kill) strike(within time.Duration) {
	k.t.Helper()
	if within > 0 {
		select { // the moment is part of the seed
		case <-time.After(time.Duration(k.rng.Int64N(int64(within)))):
		case <-k.t.Context().Done():
		}
	}
	switch k.victim {
	case "worker":
		must(k.t, k.worker.Kill())
		k.worker = k.start("worker")
	case "media":
		must(k.t, k.media.Kill())
		k.media = k.start("media")
	case "serve":
		must(k.t, k.serve.Kill())
		k.serve = k.start("serve")
	case "postgres":
		must(k.t, k.postgres.Kill())
		must(k.t, k.revive())
	case "store":
		must(k.t, k.store.Kill())
		k.startBucket()
	}
}

// back waits until both sides hear one another, for the first time or again.
func (k *kill) back() {
	k.t.Helper()
	eventually(k.t, time.Minute, "the talk is on", func() error {
		if v := k.agent.View(); v.State != cti.AgentStateTalking || v.Call.Voice != cti.VoiceUp {
			return fmt.Errorf("%s", v.State)
		}
		return nil
	})
}

func (k *kill) pause(on bool) {
	k.t.Helper()
	eventually(k.t, 30*time.Second, fmt.Sprintf("the pause is %v", on), func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return k.agent.Call(ctx, "PUT", "/api/v1/recordings/"+k.leg+"/pause", map[string]any{"paused": on}, nil)
	})
}

// state waits until the recording is so far.
func (k *kill) state(wanted ...string) {
	k.t.Helper()
	eventually(k.t, 2*time.Minute, "the recording is "+wanted[0], func() error {
		var state, reason string
		err := k.db.QueryRow(limit(k.t, 5*time.Second), `select state, reason from recordings where leg = $1`, k.leg).Scan(&state, &reason)
		if err != nil {
			return err
		}
		for _, w := range wanted {
			if state == w {
				return nil
			}
		}
		return fmt.Errorf("%s %s", state, reason)
	})
}

// ready ends the wrap-up.
func (k *kill) ready() {
	k.t.Helper()
	eventually(k.t, time.Minute, "the agent is ready again", func() error {
		v := k.agent.View()
		if v.State == cti.AgentStateReady {
			return nil
		}
		if v.State != cti.AgentStateWrapUp {
			return errors.New(string(v.State))
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return k.agent.Do(ctx, "dispose", map[string]any{"call": v.Call.Call, "code": k.disposition(), "note": ""})
	})
	_ = k.caller.Hangup(context.Background()) // who is asked the survey has heard enough
}

func (k *kill) check() {
	t := k.t
	t.Helper()
	k.state("stored")
	left, right, err := k.channels(k.leg)
	must(t, err)
	heard := [][]int16{sipphone.Wave(k.agent.HeardSince(k.agentFrom)), sipphone.Wave(k.caller.Heard())}
	for side, sound := range [][]int16{left, right} {
		missed := 0
		for i, p := range k.said[side] {
			if r, _ := sipphone.Match(sound, p); r < 0.7 {
				missed++
				other, _ := sipphone.Match(heard[side], p)
				t.Logf("piece %d of channel %d: correlation %.2f in the file, %.2f with what the other side heard", i, side, r, other)
			}
		}
		most := 0
		if k.victim == "media" && (k.moment == "recording" || k.moment == "pausing") {
			most = mostMissed
		}
		if missed > most {
			t.Errorf("%d of %d pieces are not in channel %d of %.1f s", missed, len(k.said[side]), side, float64(len(sound))/8000)
		}
	}
	if k.secret != nil {
		if r, _ := sipphone.Match(left, k.secret); r > 0.4 {
			t.Errorf("what was said in the pause is in the file: correlation %.2f", r)
		}
	}
	k.once()
	spools, err := filepath.Glob(filepath.Join(k.dir, "recordings", "spool", k.leg+"*"))
	must(t, err)
	if len(spools) > 0 {
		t.Errorf("spools are left: %v", spools)
	}
}

// once looks whether there is one of everything.
func (k *kill) once() {
	k.t.Helper()
	// Speech has the lowest priority, so it may take long on a machine that does something else.
	eventually(k.t, 10*time.Minute, "the recording is judged", func() error {
		var state, reason string
		err := k.db.QueryRow(limit(k.t, 5*time.Second), `select state, reason from transcripts where leg = $1`, k.leg).Scan(&state, &reason)
		if err == nil && state != "done" {
			err = fmt.Errorf("%s %s", state, reason)
		}
		return err
	})
	for what, query := range map[string]string{
		"recording": `select count(*) from recordings where leg = $1`,
		"score":     `select count(*) from scores where leg = $1`,
		"entry":     `select count(*) from recording_chain where leg = $1 and kind = 'finished'`,
		"key":       `select count(*) from recording_keys where leg = $1`,
	} {
		var n int
		must(k.t, k.db.QueryRow(limit(k.t, 5*time.Second), query, k.leg).Scan(&n))
		if n != 1 {
			k.t.Errorf("%d of %s, want 1", n, what)
		}
	}
	var twins int
	must(k.t, k.db.QueryRow(limit(k.t, 5*time.Second), `select count(*) - count(distinct (rule, start_ms, role, phrase)) from findings where leg = $1`, k.leg).Scan(&twins))
	if twins != 0 {
		k.t.Errorf("%d findings are there twice", twins)
	}
}
