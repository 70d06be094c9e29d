package exchange

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// entry is one thing to be written to the database, in the form in which it waits on disk while there is none.
type entry struct {
	Kind string          `json:"kind"`
	At   time.Time       `json:"at"`
	Data json.RawMessage `json:"data"`

	settled func(error) // called once: nil when the entry is in the database or in the spool, else why it is lost; may be nil
}

// store writes a batch of entries in order, all or nothing. An error that errPermanent wraps says that the batch can
// never be written.
type store interface {
	write(ctx context.Context, batch []entry) error
}

// errPermanent marks an entry that the database refuses for what it says, so that trying again is useless.
var errPermanent = errors.New("refused for good")

// journal writes the Floor's facts behind its back: in batches, in order, and to a file of its own (0600) while the
// database is away. A slow database so never delays a ring.
type journal struct {
	store store
	dir   string
	log   *slog.Logger
	in    *queue[entry]
	away  atomic.Bool // the database did not take the last batch
	lost  atomic.Int64
}

const (
	journalBatch = 500
	journalPause = 100 * time.Millisecond // collects a batch; also the most that a kill can lose
	journalTime  = 5 * time.Second        // for one batch
	journalRetry = 5 * time.Second        // until an unreachable database is tried again without a new fact
	spoolLimit   = 1 << 30                // bytes; beyond it entries are counted as lost, never silently
)

func newJournal(s store, dir string, log *slog.Logger) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make spool folder: %w", err)
	}
	return &journal{store: s, dir: dir, log: log, in: newQueue[entry]()}, nil
}

// add queues an entry; settled, unless nil, is told when it can no longer be lost, or that it is.
func (j *journal) add(kind string, at time.Time, data any, settled func(error)) {
	raw, err := json.Marshal(data)
	if err != nil { // only a programming error can make our own structs unmarshalable
		j.log.Error("journal: encode", "kind", kind, "err", err)
		j.lost.Add(1)
		return
	}
	j.in.put(entry{Kind: kind, At: at, Data: raw, settled: settled})
}

// run writes until ctx ends, then writes what is left within one batch's time.
func (j *journal) run(ctx context.Context) error {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		if j.spooled() { // left by a crash, or by a database that was away
			j.drain(ctx)
		}
		batch, err := j.takeFor(ctx, journalRetry)
		if err != nil {
			return j.last()
		}
		for len(batch) > 0 {
			n := min(len(batch), journalBatch)
			j.put(ctx, batch[:n])
			batch = batch[n:]
		}
		pause.Reset(journalPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
	}
}

// takeFor takes what waits; nothing after so long. The error is ctx's.
func (j *journal) takeFor(ctx context.Context, limit time.Duration) ([]entry, error) {
	short, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	batch, err := j.in.take(short)
	if err != nil && ctx.Err() == nil {
		return nil, nil
	}
	return batch, err
}

// last writes what came before the end, so that a stopped controller has lost nothing.
func (j *journal) last() error {
	ctx, cancel := context.WithTimeout(context.Background(), journalTime)
	defer cancel()
	done, stop := context.WithCancel(context.Background())
	stop()
	if rest, err := j.in.take(done); err == nil {
		j.put(ctx, rest)
	}
	return context.Canceled
}

// put writes a batch to the database, or behind what already waits on disk.
func (j *journal) put(ctx context.Context, batch []entry) {
	if !j.spooled() {
		err := j.write(ctx, batch)
		if err == nil {
			settle(batch, nil)
			return
		}
		j.log.Warn("journal: database away, writing to disk", "entries", len(batch), "err", err)
	}
	if err := j.spool(batch); err != nil {
		j.lose(batch, err)
		return
	}
	settle(batch, nil)
}

// settle tells what has become of the entries to whoever waits for it, once.
func settle(batch []entry, err error) {
	for i := range batch {
		if settled := batch[i].settled; settled != nil {
			batch[i].settled = nil
			settled(err)
		}
	}
}

func (j *journal) lose(batch []entry, err error) {
	j.lost.Add(int64(len(batch)))
	j.log.Error("journal: entries lost", "entries", len(batch), "err", err)
	settle(batch, err)
}

// write hands a batch to the store; a batch with a bad entry is written one by one, so that only that one is lost.
func (j *journal) write(ctx context.Context, batch []entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), journalTime)
	defer cancel()
	err := j.store.write(ctx, batch)
	if errors.Is(err, errPermanent) && len(batch) == 1 {
		j.lose(batch, fmt.Errorf("%s: %w", batch[0].Kind, err))
		err = nil
	} else if errors.Is(err, errPermanent) {
		for i := range batch {
			if err := j.write(ctx, batch[i:i+1]); err != nil {
				return err
			}
		}
		err = nil
	}
	j.away.Store(err != nil)
	return err
}

func (j *journal) path() string { return filepath.Join(j.dir, "journal.jsonl") }

func (j *journal) spooled() bool {
	info, err := os.Stat(j.path())
	return err == nil && info.Size() > 0
}

func (j *journal) spool(batch []entry) (err error) {
	f, err := os.OpenFile(j.path(), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open spool: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var lines bytes.Buffer
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		if info.Size() > spoolLimit {
			return fmt.Errorf("spool holds %d bytes already", info.Size())
		}
		end := make([]byte, 1)
		if _, err := f.ReadAt(end, info.Size()-1); err != nil || end[0] != '\n' {
			lines.WriteByte('\n') // a crash cut the last line short; it must not swallow the next
		}
	}
	enc := json.NewEncoder(&lines)
	for _, e := range batch {
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("encode for spool: %w", err)
		}
	}
	if _, err := f.Write(lines.Bytes()); err != nil {
		return fmt.Errorf("write spool: %w", err)
	}
	return f.Sync()
}

// drain moves what waits on disk to the database, and forgets it only when all of it is there. Writing twice does no
// harm: every entry is written by its own identity.
func (j *journal) drain(ctx context.Context) {
	f, err := os.Open(j.path())
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	in := bufio.NewReader(f)
	var batch []entry
	cut := 0 // lines that a crash cut short; counted once, when the rest is safe
	for {
		line, err := in.ReadBytes('\n')
		var e entry
		if err == nil && json.Unmarshal(line, &e) == nil {
			batch = append(batch, e)
		} else if err == nil || (errors.Is(err, io.EOF) && len(line) > 0) {
			cut++
		}
		if len(batch) == journalBatch || (err != nil && len(batch) > 0) {
			if err := j.write(ctx, batch); err != nil {
				return
			}
			batch = batch[:0]
		}
		if err != nil {
			break
		}
	}
	if cut > 0 {
		j.lost.Add(int64(cut))
		j.log.Error("journal: unreadable lines in spool", "lines", cut)
	}
	if err := os.Remove(j.path()); err != nil {
		j.log.Error("journal: remove drained spool", "err", err)
	}
}
