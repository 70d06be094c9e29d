package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"hotline/internal/gateway"
	"hotline/recording"
)

const childConfig = "HOTLINE_GATEWAY_CHILD"

// TestMain lets the test's own binary be the gateway that is killed.
func TestMain(m *testing.M) {
	if text := os.Getenv(childConfig); text != "" {
		var cfg gateway.Config
		err := json.Unmarshal([]byte(text), &cfg)
		if err == nil {
			var s *gateway.Server
			if s, err = gateway.New(cfg, slog.New(slog.NewTextHandler(io.Discard, nil))); err == nil {
				fmt.Println(s.Addr())
				err = s.Run(context.Background())
			}
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// doomed is a gateway of its own process, with a controller.
type doomed struct {
	*controller
	kill func()
}

func startDoomed(t *testing.T, cfg gateway.Config) *doomed {
	t.Helper()
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childConfig+"="+string(text))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() {
		_ = child.Process.Kill()
		_ = child.Wait() // it was killed
	})
	t.Cleanup(kill)
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the gateway said %q: %v", addr, err)
	}
	cfg.Listen = strings.TrimSpace(addr)
	return &doomed{control(t, &process{cfg: cfg}), kill}
}

// mouth is Asterisk's side of a leg: what it says can change from one packet to the next.
type mouth struct {
	mu   sync.Mutex
	name byte
}

func (m *mouth) says(name byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.name = name
}

// speak sends what the mouth says over the connection of a, until hushed.
func (m *mouth) speak(a *asterisk) (hush func()) {
	return voice('?', func(n int, payload []byte) error {
		m.mu.Lock()
		for i := range payload {
			payload[i] = m.name
		}
		m.mu.Unlock()
		p := &rtp.Packet{Header: rtp.Header{Version: 2, SSRC: 7, SequenceNumber: uint16(n), Timestamp: uint32(160 * n)}, Payload: payload}
		data, err := p.Marshal()
		if err == nil {
			_, err = a.conn.Write(data)
		}
		return err
	})
}

// TestGatewaysKilledAroundPauses kills real gateways while pauses begin and end, at moments of a seed. Whatever was said in
// a confirmed pause is in no spool, and the next gateway goes on with the pause. HOTLINE_SOAK is the share of two hundred
// kills; without it a twentieth is done.
func TestGatewaysKilledAroundPauses(t *testing.T) {
	share := 0.05
	if text := os.Getenv("HOTLINE_SOAK"); text != "" {
		var err error
		if share, err = strconv.ParseFloat(text, 64); err != nil {
			t.Fatalf("HOTLINE_SOAK: %v", err)
		}
	}
	kills := max(1, int(200*share+0.5))
	inPause := 0
	for seed := range kills {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			if killAroundPauses(t, rand.New(rand.NewPCG(uint64(seed), 11))) {
				inPause++
			}
		})
	}
	t.Logf("%d kills, %d of them in a pause", kills, inPause)
}

// The states of a pause as whoever asked for it knows them.
const (
	running = iota
	asked   // to pause or to go on, and not answered
	paused
)

func killAroundPauses(t *testing.T, rng *rand.Rand) (inPause bool) {
	cfg := config(t)
	g := startDoomed(t, cfg)
	s := spec("c1", 2, 1, "u1")
	a, m := externalMedia(t, open(t, g.controller, s), 'X'), &mouth{name: 'X'}
	a.hush()
	hush := m.speak(a)
	defer hush()
	eventually(t, "the leg is recorded", func() bool { return heard(t, cfg.Dir, 'X') })

	moment := time.Duration(50+rng.IntN(700)) * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	state := make(chan int, 1)
	go func() { // presses the key again and again; the secret is said in confirmed pauses alone
		now := running
		defer func() { state <- now }()
		for on := true; ; on = !on {
			m.says('X')
			if !rest(ctx, rng, 120) {
				return
			}
			now = asked
			if _, err := g.PauseLeg(ctx, s.Leg, on, "u1", recording.CauseAgent); err != nil {
				return
			}
			now = running
			if !on {
				continue
			}
			now = paused
			m.says('S')
			if !rest(ctx, rng, 250) {
				return
			}
		}
	}()
	<-time.After(moment) // of the kill: it is what is tried
	g.kill()
	stop()
	was := <-state
	hush()
	g.stop()
	if heard(t, cfg.Dir, 'S') {
		t.Error("what was said in the pause is in the spool")
	}

	again := startDoomed(t, cfg)
	s.Part = 2
	addr := open(t, again.controller, s)
	pauses, err := again.PauseLeg(t.Context(), s.Leg, true, "u2", recording.CauseAPI)
	if err != nil {
		t.Fatal(err)
	}
	last := pauses[len(pauses)-1]
	switch {
	case was == paused && last.By != "u1":
		t.Errorf("the pause did not outlive the gateway: %+v", pauses)
	case was == running && last.By != "u2":
		t.Errorf("a pause that had ended is there again: %+v", pauses)
	}
	b, secret := externalMedia(t, addr, 'S'), &mouth{name: 'S'}
	b.hush()
	hush = secret.speak(b)
	eventually(t, "the next part is in the spool", func() bool {
		info, err := os.Stat(filepath.Join(cfg.Dir, "spool", s.Leg.Channel(2)+".pcm"))
		return err == nil && info.Size() > recording.Rate // a quarter of a second
	})
	again.kill()
	hush()
	if heard(t, cfg.Dir, 'S') {
		t.Error("what was said in the pause of the next gateway is in the spool")
	}
	return was == paused
}

// rest waits up to so many milliseconds; false when the end came before.
func rest(ctx context.Context, rng *rand.Rand, most int) bool {
	select {
	case <-time.After(time.Duration(rng.IntN(most)) * time.Millisecond):
		return true
	case <-ctx.Done():
		return false
	}
}
