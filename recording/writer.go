package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// flushEvery plus settle is the age at which a sample is in the file.
	flushEvery = 50 * time.Millisecond
	// backlog is how many packets of both directions wait for a slow disk: about five seconds.
	backlog = 512
	// openAgain is how long to wait before the spool is tried again.
	openAgain = time.Second
)

// Fault is what a Writer could not do. Talking goes on in any case.
type Fault string

const (
	FaultOpen    Fault = "open"    // the spool could not be made
	FaultWrite   Fault = "write"   // samples could not be stored (yet)
	FaultDropped Fault = "dropped" // a packet found the backlog full
)

// Writer records one part of one leg. Its methods may be called from any goroutine; Left, Right and Hold never block.
type Writer struct {
	log     *slog.Logger
	dir     string
	started time.Time
	fault   func(Fault)

	in      chan item
	dropped atomic.Int64
	closing chan struct{}
	once    sync.Once
	done    chan struct{}
	pausing sync.Mutex             // held by who changes paused
	paused  atomic.Pointer[[]Span] // never changed, only replaced

	// The rest belongs to run.
	line     timeline
	manifest Manifest
	stale    bool // the manifest on disk is older than ours
	file     *os.File
	path     string // without extension
	retryAt  time.Time
	failing  bool
}

type item struct {
	side int
	p    Packet
	held *hold
}

type hold struct {
	on bool
	at time.Time
}

// Start begins a part in <dir>/spool. It touches no disk itself, so that a slow one delays no call; when the spool
// cannot be made it is tried again each second. fault is told of failures, from any goroutine.
func Start(dir string, head Head, log *slog.Logger, fault func(Fault)) *Writer {
	now := time.Now()
	w := &Writer{
		log: log.With("call", head.Call, "leg", head.Leg, "part", head.Part), dir: dir, started: now, fault: fault,
		in: make(chan item, backlog), closing: make(chan struct{}), done: make(chan struct{}),
		manifest: Manifest{Version: manifestVersion, Head: head, Started: now.UTC(), Rate: Rate},
	}
	go w.run()
	return w
}

// Left takes a packet that was sent to the agent.
func (w *Writer) Left(p Packet) { w.put(left, p) }

// Right takes a packet of what the agent said.
func (w *Writer) Right(p Packet) { w.put(right, p) }

func (w *Writer) put(side int, p Packet) {
	p.Payload = slices.Clone(p.Payload)
	select {
	case w.in <- item{side: side, p: p}:
	default:
		w.dropped.Add(1)
		w.fault(FaultDropped)
	}
}

// Hold notes from when to when nobody heard the agent. The caller of Right keeps the sound away.
func (w *Writer) Hold(on bool) {
	select {
	case w.in <- item{held: &hold{on: on, at: time.Now()}}:
	default:
		w.dropped.Add(1)
		w.fault(FaultDropped)
	}
}

// Close ends the part. It does not wait.
func (w *Writer) Close() { w.once.Do(func() { close(w.closing) }) }

// Done is closed when the part is on disk and the spool is free for Finish.
func (w *Writer) Done() <-chan struct{} { return w.done }

func (w *Writer) run() {
	defer close(w.done)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	w.open()
	for {
		select {
		case it := <-w.in:
			w.take(it)
		case <-tick.C:
			w.drain()
			w.flush(w.position(time.Now()) - settle)
		case <-w.closing:
			w.drain()
			w.finish()
			return
		}
	}
}

func (w *Writer) position(at time.Time) int64 {
	return int64(at.Sub(w.started)) * Rate / int64(time.Second)
}

// drain takes what waits before the time line is written further, so that a stall of the disk makes nothing late.
func (w *Writer) drain() {
	for range backlog {
		select {
		case it := <-w.in:
			w.take(it)
		default:
			return
		}
	}
}

func (w *Writer) take(it item) {
	w.heedPauses()
	if it.held == nil {
		w.line.place(it.side, it.p, w.position(it.p.Arrival))
		return
	}
	at, held := w.position(it.held.at), w.manifest.Held
	open := len(held) > 0 && held[len(held)-1].To == 0
	switch {
	case it.held.on && !open:
		w.manifest.Held = append(held, Span{From: at})
	case !it.held.on && open:
		held[len(held)-1].To = at
	}
	w.stale = true
}

// open makes the spool. A part that exists already (the gateway was killed, and asked again for the same part) is kept,
// and this one gets a name beside it.
func (w *Writer) open() {
	err := os.MkdirAll(spoolDir(w.dir), 0o700)
	for k := 1; err == nil && w.file == nil; k++ {
		path := filepath.Join(spoolDir(w.dir), w.manifest.Leg.Channel(w.manifest.Part))
		if k > 1 {
			path = fmt.Sprintf("%s-%d", path, k)
		}
		var f *os.File
		f, err = os.OpenFile(path+".pcm", os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if errors.Is(err, os.ErrExist) {
			err = nil
			continue
		}
		if err == nil {
			w.file, w.path, w.stale = f, path, true
			err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		}
	}
	if err == nil {
		err = w.save()
	}
	if err != nil {
		w.fault(FaultOpen)
		w.log.Error("recording cannot be stored, talking goes on", "error", err)
		w.retryAt = time.Now().Add(openAgain)
	}
}

func (w *Writer) save() error {
	data, err := json.Marshal(w.manifest)
	if err != nil {
		return err
	}
	if err := replaceFile(w.path+".json", data); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	w.stale = false
	return nil
}

func (w *Writer) flush(upTo int64) {
	if w.file == nil && !time.Now().Before(w.retryAt) {
		w.open()
	}
	w.heedPauses()
	from := w.line.done
	lost, err := w.line.flush(upTo, w.spool())
	if lost > 0 {
		w.gap(from, from+lost, err)
	}
	switch {
	case err == nil && w.stale:
		err = w.save()
	case err != nil && w.file != nil:
		w.fault(FaultWrite)
	}
	if failing := err != nil; failing != w.failing {
		w.failing = failing
		w.log.Warn("recording: storing changed", "failing", failing, "error", err)
	}
}

var errNoSpool = errors.New("there is no spool file")

// noSpool takes nothing.
type noSpool struct{}

func (noSpool) ReadAt([]byte, int64) (int, error)  { return 0, errNoSpool }
func (noSpool) WriteAt([]byte, int64) (int, error) { return 0, errNoSpool }

func (w *Writer) spool() medium {
	if w.file == nil {
		return noSpool{}
	}
	return w.file
}

func (w *Writer) gap(from, to int64, why error) {
	gaps := w.manifest.Gaps
	if n := len(gaps); n > 0 && gaps[n-1].To == from {
		gaps[n-1].To = to
	} else {
		w.manifest.Gaps = append(gaps, Span{From: from, To: to, Why: why.Error()})
	}
	w.stale = true
}

func (w *Writer) finish() {
	end := w.position(time.Now())
	w.flush(end)
	if w.line.done < end {
		w.gap(w.line.done, end, errors.New("not stored when the leg ended"))
	}
	m := &w.manifest
	if n := len(m.Held); n > 0 && m.Held[n-1].To == 0 {
		m.Held[n-1].To = end
	}
	if n := len(m.Paused); n > 0 && m.Paused[n-1].To == 0 {
		m.Paused = slices.Clone(m.Paused)
		m.Paused[n-1].To = max(end, m.Paused[n-1].From+1)
	}
	m.Closed, m.Frames, m.Dropped = true, end, w.dropped.Load()
	m.Left, m.Right = w.line.channels[left].counts, w.line.channels[right].counts
	if w.file == nil {
		w.log.Error("recording lost: the spool could not be made")
		return
	}
	if err := errors.Join(w.save(), w.file.Sync(), w.file.Close()); err != nil {
		w.fault(FaultWrite)
		w.log.Error("recording: end the part", "error", err)
	}
}
