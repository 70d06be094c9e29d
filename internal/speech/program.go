package speech

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// ErrProgram is wrapped by errors of a child that may work again later.
var ErrProgram = errors.New("speech program failed")

// Limits of the child that have no setting.
const (
	loadLimit   = 2 * time.Minute  // to load a model on a busy machine
	idleLimit   = 10 * time.Minute // a model in memory takes about 500 MB
	firstWait   = time.Second      // back-off after the first failed start or crash
	longestWait = time.Minute
)

// Program is one hotline-speech with one model. It does one thing at a time; Close ends it.
type Program struct {
	path      string
	args      []string
	timeLimit time.Duration
	log       *slog.Logger

	life context.Context // ends with Close
	end  context.CancelFunc

	turn  chan struct{} // holds one token; whoever has it owns what follows
	proc  *child
	hello Hello
	last  uint64 // id of the last request
	bad   int    // failures in a row
	wait  time.Time
	idle  *time.Timer
}

// FindProgram finds hotline-speech: a path, or a name looked for beside this binary and then on PATH; "" is the usual name.
func FindProgram(name string) (string, error) {
	if name == "" {
		name = "hotline-speech"
	}
	if !strings.ContainsRune(name, filepath.Separator) {
		if self, err := os.Executable(); err == nil {
			beside := filepath.Join(filepath.Dir(self), name)
			if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
				name = beside
			}
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("find the speech program: %w", err)
	}
	return path, nil
}

// NewProgram prepares a child of the program at path; it is not started before the first request. timeLimit is for one
// request.
func NewProgram(path string, args []string, timeLimit time.Duration, log *slog.Logger) *Program {
	p := &Program{path: path, args: args, timeLimit: timeLimit, log: log, turn: make(chan struct{}, 1)}
	p.life, p.end = context.WithCancel(context.Background())
	p.turn <- struct{}{}
	return p
}

// Ask sends a request with its sound and returns the reply with its own. Errors wrap ErrProgram, but for those of ctx
// while another request was being answered.
func (p *Program) Ask(ctx context.Context, request Request, samples []float32) (Reply, []float32, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeLimit+loadLimit)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	giveBack, err := p.take(ctx)
	if err != nil {
		return Reply{}, nil, err
	}
	defer giveBack()
	if err := p.start(ctx); err != nil {
		return Reply{}, nil, err
	}
	p.last++
	request.ID = p.last
	ctx, cancelTurn := context.WithTimeout(ctx, p.timeLimit)
	defer cancelTurn()
	var reply Reply
	back, err := p.proc.exchange(ctx, request, samples, &reply)
	if err == nil && reply.ID != p.last {
		err = fmt.Errorf("reply %d to request %d", reply.ID, p.last)
	}
	if err != nil {
		return Reply{}, nil, p.failed("use", err)
	}
	p.bad = 0
	p.idle = time.AfterFunc(idleLimit, p.rest)
	if reply.Error != "" {
		return Reply{}, nil, fmt.Errorf("%w: %s", ErrProgram, reply.Error)
	}
	return reply, back, nil
}

// Hello starts the child when it does not run, and returns what it said of itself.
func (p *Program) Hello(ctx context.Context) (Hello, error) {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	giveBack, err := p.take(ctx)
	if err != nil {
		return Hello{}, err
	}
	defer giveBack()
	if err := p.start(ctx); err != nil {
		return Hello{}, err
	}
	p.idle = time.AfterFunc(idleLimit, p.rest)
	return p.hello, nil
}

// take waits for the turn.
func (p *Program) take(ctx context.Context) (giveBack func(), err error) {
	select {
	case <-p.turn:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the speech program: %w", ctx.Err())
	}
	giveBack = func() { p.turn <- struct{}{} }
	if p.idle != nil {
		p.idle.Stop()
	}
	if err := ctx.Err(); err != nil {
		giveBack()
		return nil, fmt.Errorf("wait for the speech program: %w", err)
	}
	return giveBack, nil
}

// start makes sure that a child with a loaded model is there. The caller has the turn.
func (p *Program) start(ctx context.Context) error {
	if p.proc != nil {
		return nil
	}
	if left := time.Until(p.wait); left > 0 {
		return fmt.Errorf("%w: it failed %d times, next try in %s", ErrProgram, p.bad, left.Round(time.Second))
	}
	began := time.Now()
	c, err := startChild(p.path, p.args)
	if err != nil {
		return p.failed("start", err)
	}
	p.proc = c
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	p.hello = Hello{}
	if _, err = c.exchange(ctx, nil, nil, &p.hello); err != nil {
		return p.failed("start", err)
	}
	switch {
	case p.hello.Error != "":
		err = errors.New(p.hello.Error)
	case p.hello.Version != Version:
		err = fmt.Errorf("it speaks protocol version %d, not %d", p.hello.Version, Version)
	}
	if err != nil {
		return p.failed("start", err)
	}
	p.log.Info("speech program started", "pid", c.cmd.Process.Pid, "args", p.args,
		"library", p.hello.Library, "after", time.Since(began).Round(time.Millisecond))
	return nil
}

// failed ends the child and says what happened to it. The first failure after a success is followed by a start at once,
// later ones wait.
func (p *Program) failed(doing string, err error) error {
	if p.proc != nil {
		err = p.proc.kill(err)
		p.proc = nil
	}
	p.bad++
	if p.bad > 1 {
		p.wait = time.Now().Add(min(longestWait, firstWait<<min(p.bad-2, 10)))
	}
	err = fmt.Errorf("%w: %s %s: %w", ErrProgram, doing, filepath.Base(p.path), err)
	p.log.Warn("speech program failed", "failures", p.bad, "error", err)
	return err
}

// rest ends a child that has nothing to do.
func (p *Program) rest() {
	select {
	case <-p.turn:
		p.stop()
		p.turn <- struct{}{}
	default:
	}
}

// Close ends the child at once; what it is doing, and every later request, fails.
func (p *Program) Close() {
	p.end()
	<-p.turn
	p.stop()
	p.turn <- struct{}{}
}

func (p *Program) stop() {
	if p.idle != nil {
		p.idle.Stop()
	}
	if p.proc != nil {
		_ = p.proc.kill(nil)
		p.proc = nil
	}
}

// child is one running hotline-speech.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *tail
}

func startChild(path string, args []string) (*child, error) {
	cmd := exec.Command(path, args...)
	// The child needs nothing of our environment, and secrets may be in it.
	cmd.Env = []string{"LANG=C.UTF-8"}
	p := &child{cmd: cmd, stderr: &tail{}}
	cmd.Stderr = p.stderr
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReaderSize(out, 1<<16)
	return p, nil
}

// exchange sends request, unless it is nil, and reads the next message into
// reply. After an error the child is of no use any more.
func (p *child) exchange(ctx context.Context, request any, sound []float32, reply any) ([]float32, error) {
	type result struct {
		samples []float32
		err     error
	}
	done := make(chan result, 1)
	go func() {
		if request != nil {
			if err := Write(p.in, request, sound); err != nil {
				done <- result{err: err}
				return
			}
		}
		samples, err := Read(p.out, reply)
		done <- result{samples, err}
	}()
	select {
	case r := <-done:
		return r.samples, r.err
	case <-ctx.Done():
		// Killing it ends the goroutine, which owns reply until then.
		_ = p.cmd.Process.Kill()
		<-done
		return nil, fmt.Errorf("no reply in time: %w", ctx.Err())
	}
}

// kill ends the child, waits for it, and adds to cause how it ended.
func (p *child) kill(cause error) error {
	_ = p.in.Close()
	exited := p.wait(cause)
	if cause == nil {
		return nil
	}
	if said := p.stderr.String(); said != "" {
		return fmt.Errorf("%w (%s; it wrote: %s)", cause, exited, said)
	}
	return fmt.Errorf("%w (%s)", cause, exited)
}

// wait gives a child whose pipe broke a moment to end by itself, so that its own
// exit status or signal can be told.
func (p *child) wait(cause error) string {
	timer := time.AfterFunc(time.Second, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	if cause == nil {
		_ = p.cmd.Process.Kill()
	}
	err := p.cmd.Wait()
	if err == nil {
		return "it ended"
	}
	return err.Error()
}

// tail keeps the last kilobytes written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if over := len(t.buf) - 2048; over > 0 {
		t.buf = append([]byte(nil), t.buf[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(strings.Fields(string(t.buf)), " ")
}
