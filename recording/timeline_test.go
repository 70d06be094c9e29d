package recording

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"hotline/internal/g711"
)

// tape is what a time line wrote, put together as a file would be.
type tape struct {
	t      testing.TB
	line   timeline
	frames []byte
	broken bool
}

var errBroken = errors.New("the disk is broken")

func (d *tape) WriteAt(data []byte, at int64) (int, error) {
	if d.broken {
		return 0, errBroken
	}
	if more := at + int64(len(data)) - int64(len(d.frames)); more > 0 {
		d.frames = append(d.frames, make([]byte, more)...)
	}
	return copy(d.frames[at:], data), nil
}

func (d *tape) ReadAt(data []byte, at int64) (int, error) {
	if d.broken {
		return 0, errBroken
	}
	return bytes.NewReader(d.frames).ReadAt(data, at)
}

func (d *tape) flush(upTo int64) {
	d.t.Helper()
	if _, err := d.line.flush(upTo, d); err != nil && !d.broken {
		d.t.Fatal(err)
	}
}

func (d *tape) at(side int, pos int64) int16 {
	return int16(binary.LittleEndian.Uint16(d.frames[pos*frameBytes+int64(side)*2:]))
}

// arrival is a packet on its way.
type arrival struct {
	side int
	at   float64 // seconds
	p    Packet
}

// source is a sender with a clock of its own and a network in between.
type source struct {
	side          int
	ppm           float64
	delay, jitter float64 // seconds
	loss          float64
}

const loud = 20000

// clicks makes the packets of a source that clicks once a second of true time.
func (s source) clicks(rng *rand.Rand, seconds int) (list []arrival) {
	rate := Rate * (1 + s.ppm/1e6)
	first, seq := rng.Uint32(), uint16(rng.Uint32())
	ulaw := g711.EncodeUlaw([]int16{0, loud})
	for k := 0; float64(k*160)/rate < float64(seconds); k++ {
		payload := slices.Repeat(ulaw[:1], 160)
		for i := range payload {
			// The sample that is nearest to a whole second of true time.
			if now := float64(k*160+i) / rate; int(now) != int(now-1/rate) {
				payload[i] = ulaw[1]
			}
		}
		if rng.Float64() < s.loss {
			continue
		}
		list = append(list, arrival{s.side, float64((k+1)*160)/rate + s.delay + s.jitter*rng.Float64(), Packet{
			SSRC: uint32(s.side), Seq: seq + uint16(k), Timestamp: first + uint32(k*160), Type: PCMU, Payload: payload,
		}})
	}
	return list
}

func play(d *tape, list []arrival, seconds int) {
	slices.SortStableFunc(list, func(a, b arrival) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	const every = Rate / 20
	flushed := int64(0)
	for _, a := range list {
		now := int64(a.at * Rate)
		for flushed+every <= now {
			flushed += every
			d.flush(flushed - settle)
		}
		d.line.place(a.side, a.p, now)
	}
	d.flush(int64(seconds) * Rate)
}

// heard returns the position of the click of each second, by second.
func (d *tape) heard(side int) map[int]int64 {
	found := map[int]int64{}
	for pos := range int64(len(d.frames) / frameBytes) {
		if d.frames[pos*frameBytes+int64(side)*2+1] == 0 || d.at(side, pos) < loud/2 {
			continue
		}
		second := int((pos + Rate/2) / Rate)
		if _, twice := found[second]; !twice {
			found[second] = pos
		}
	}
	return found
}

// HOTLINE_SOAK is the share of the long run of forty half hours; without it a twentieth is run.
func TestChannelsStayTogetherForHalfAnHour(t *testing.T) {
	const seconds = 30 * 60
	share := 0.05
	if text := os.Getenv("HOTLINE_SOAK"); text != "" {
		var err error
		if share, err = strconv.ParseFloat(text, 64); err != nil {
			t.Fatalf("HOTLINE_SOAK: %v", err)
		}
	}
	apart, untrue, halves := int64(0), int64(0), max(1, uint64(40*share+0.5))
	for seed := range halves {
		rng := rand.New(rand.NewPCG(seed, 1))
		ppm := 100.0
		if seed%2 == 1 {
			ppm = -100
		}
		d := &tape{t: t}
		list := append(source{left, ppm, 0.001, 0.002, 0.02}.clicks(rng, seconds),
			source{right, -ppm, 0.020, 0.060, 0.02}.clicks(rng, seconds)...) // 60 ms of jitter put three packets out of order
		play(d, list, seconds)
		l, r := d.heard(left), d.heard(right)
		if len(l) < seconds*95/100 || len(r) < seconds*95/100 {
			t.Fatalf("seed %d: of %d clicks, %d are left and %d right", seed, seconds, len(l), len(r))
		}
		worst, drifted := int64(0), int64(0)
		for second, at := range l {
			drifted = max(drifted, abs(at-int64(second)*Rate))
			if other, both := r[second]; both {
				worst = max(worst, abs(at-other))
			}
		}
		apart, untrue = max(apart, worst), max(untrue, drifted)
		if worst > Rate*60/1000 || drifted > Rate*60/1000 {
			t.Errorf("seed %d: channels are %d samples apart, %d from true time", seed, worst, drifted)
		}
		if got := len(d.frames); got != seconds*Rate*frameBytes {
			t.Errorf("seed %d: %d bytes are no half hour", seed, got)
		}
		if lost := d.line.channels[right].counts.Lost; lost < 1000 || lost > 3000 {
			t.Errorf("seed %d: counted %d lost packets of some 1800", seed, lost)
		}
	}
	t.Logf("%d half hours: channels at most %.1f ms apart, %.1f ms from true time", halves, float64(apart)/8, float64(untrue)/8)
}

func abs(v int64) int64 { return max(v, -v) }

// steady sends packets of one value in time, n from packet k on, with timestamps and numbers from there.
func steady(d *tape, ssrc uint32, k, n int, ts uint32, seq uint16, value int16) {
	payload := slices.Repeat(g711.EncodeUlaw([]int16{value}), 160)
	for i := range n {
		now := int64(k+i+1) * 160
		d.flush(now - settle)
		d.line.place(left, Packet{SSRC: ssrc, Seq: seq + uint16(i), Timestamp: ts + uint32(i*160), Payload: payload}, now)
	}
}

// level is the value of packet k's place, when all of it is the same.
func (d *tape) level(k int) int16 {
	v := d.at(left, int64(k)*160)
	for i := range int64(160) {
		if d.at(left, int64(k)*160+i) != v {
			d.t.Errorf("packet %d is torn", k)
			break
		}
	}
	return v
}

func near(a, b int16) bool { return abs(int64(a)-int64(b)) <= 600 }

func TestNewSourceBeginsWhereItArrives(t *testing.T) {
	d := &tape{t: t}
	steady(d, 1, 0, 50, 1000, 10, 4000)
	steady(d, 2, 60, 50, 4000000000, 60000, 8000)  // another SSRC
	steady(d, 2, 120, 50, 77, 9, 12000)            // its clock jumps
	steady(d, 2, 170, 50, 77+50*160, 59, 16000)    // goes on
	steady(d, 2, 270, 50, 77+150*160, 109, 20000)  // silence with the timestamps going on, numbers not
	steady(d, 2, 400, 200, 77+200*160, 159, 24000) // silence with the timestamps standing still
	d.flush(700 * 160)
	for k, want := range map[int]int16{10: 4000, 49: 4000, 55: 0, 60: 8000, 109: 8000, 115: 0, 121: 12000, 169: 12000, 171: 16000, 219: 16000, 250: 0, 271: 20000, 319: 20000, 345: 0, 430: 24000, 590: 24000} {
		if got := d.level(k); !near(got, want) {
			t.Errorf("packet %d: %d, want %d", k, got, want)
		}
	}
}

func TestDuplicateDisorderAndLossKeepTheTime(t *testing.T) {
	d := &tape{t: t}
	send := func(k int, at int) {
		payload := slices.Repeat(g711.EncodeUlaw([]int16{int16(100 * k)}), 160)
		d.line.place(left, Packet{Seq: uint16(65530 + k), Timestamp: uint32(1<<32 - 800 + k*160), Payload: payload}, int64(at+1)*160)
	}
	for k := range 100 {
		switch {
		case k == 20: // lost
		case k%10 == 3: // comes after the next
		case k%10 == 4:
			send(k, k)
			send(k-1, k)
		case k == 50:
			send(k, k)
			send(k, k)
		default:
			send(k, k)
		}
		d.flush(int64(k)*160 - settle)
	}
	d.flush(100 * 160)
	for k := range 100 {
		want := int16(100 * k)
		if k == 20 {
			want = 0
		}
		if got := d.level(k); !near(got, want) || (k == 20) != (got == 0) && k != 0 {
			t.Errorf("packet %d: %d, want %d", k, got, want)
		}
	}
	if c := d.line.channels[left].counts; c.Duplicate != 1 || c.Late != 0 || c.Remapped != 1 {
		t.Errorf("counted %+v", c)
	}
}

func TestALawIsDecoded(t *testing.T) {
	d := &tape{t: t}
	d.line.place(left, Packet{Type: PCMA, Payload: slices.Repeat([]byte{0xaa}, 160)}, 160)
	d.line.place(left, Packet{Type: 13, Seq: 1, Timestamp: 160, Payload: []byte{1}}, 320) // comfort noise is not sound
	d.flush(320)
	if got := d.at(left, 100); got != 32256 {
		t.Errorf("got %d", got)
	}
	if got := d.at(left, 200); got != 0 {
		t.Errorf("got %d", got)
	}
}

func TestBrokenDiskLosesNothingForTwoSecondsAndKeepsTheTimeAfter(t *testing.T) {
	d := &tape{t: t}
	steady(d, 1, 0, 50, 0, 0, 4000)
	d.broken = true
	steady(d, 1, 50, 50, 50*160, 50, 8000)
	d.broken = false
	steady(d, 1, 100, 50, 100*160, 100, 12000)
	d.broken = true
	steady(d, 1, 150, 50, 150*160, 150, 16000)
	lost, err := d.line.flush(500*160, d)
	if !errors.Is(err, errBroken) || lost < 8*Rate/2 {
		t.Errorf("gave up %d samples: %v", lost, err)
	}
	d.broken = false
	steady(d, 1, 500, 50, 500*160, 500, 20000)
	d.flush(550 * 160)
	for k, want := range map[int]int16{30: 4000, 60: 8000, 99: 8000, 130: 12000, 300: 0, 510: 20000} {
		if got := d.level(k); !near(got, want) {
			t.Errorf("packet %d: %d, want %d", k, got, want)
		}
	}
}

// FuzzTimeline: whatever comes, memory is bounded, and what is written is as long as the time that passed.
func FuzzTimeline(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, now := &tape{t: t}, int64(0)
		for data = data[:min(len(data), 100*14)]; len(data) >= 14; data = data[14:] {
			now += int64(binary.LittleEndian.Uint16(data)) % (Rate * 4)
			d.flush(now - settle)
			d.line.place(int(data[2]&1), Packet{
				SSRC: uint32(data[3] & 1), Seq: binary.LittleEndian.Uint16(data[4:]), Timestamp: binary.LittleEndian.Uint32(data[6:]),
				Marker: data[2]&2 != 0, Type: data[2] & 8, Payload: data[10 : 10+data[3]%5],
			}, now)
			for _, c := range d.line.channels {
				if held := len(c.samples); held > 8*Rate {
					t.Fatalf("%d samples are held in memory", held)
				}
			}
		}
		d.flush(now)
		if int64(len(d.frames)) < now*frameBytes {
			t.Fatalf("%d bytes written for %d samples", len(d.frames), now)
		}
	})
}
