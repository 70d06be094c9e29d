package speak

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
	"strconv"
	"sync"
	"time"

	"hotline/internal/speak/pipe"
)

// Speaker is one voice of a voice folder.
type Speaker struct {
	Number int     `json:"speaker" yaml:"speaker"` // from 0
	Speed  float64 `json:"speed" yaml:"speed"`     // 1 is the voice's own; 0 counts as 1
}

// ErrEngine is wrapped by errors of an engine that may work again later, as
// opposed to ErrText.
var ErrEngine = errors.New("speech engine failed")

// Limits of the child that have no setting.
const (
	loadLimit   = 2 * time.Minute  // to load a model on a busy machine
	idleLimit   = 10 * time.Minute // a model in memory takes about 500 MB
	firstWait   = time.Second      // back-off after the first failed start or crash
	longestWait = time.Minute
)

// VoiceFolder is the engine that speaks with a sherpa-onnx voice folder through
// the child process hotline-speech. The child is started by the first request,
// stopped when nothing was asked for ten minutes, killed when a sentence takes
// longer than allowed, and started again, with back-off, by a later request. It
// speaks one sentence at a time. Close ends it.
type VoiceFolder struct {
	cfg VoiceConfig
	log *slog.Logger

	life context.Context // ends with Close
	end  context.CancelFunc

	turn chan struct{} // holds one token; whoever has it owns what follows
	proc *child
	last uint64 // id of the last request
	bad  int    // failures in a row
	wait time.Time
	idle *time.Timer
}

// NewVoiceFolder checks that the program and the folder exist; the model is not
// loaded before the first sentence.
func NewVoiceFolder(cfg VoiceConfig, log *slog.Logger) (*VoiceFolder, error) {
	cfg = cfg.withDefaults()
	if info, err := os.Stat(cfg.Folder); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("voice folder %s: %w", cfg.Folder, errors.Join(err, errors.New("not a readable folder")))
	}
	program, err := exec.LookPath(cfg.Program)
	if err != nil {
		return nil, fmt.Errorf("find the speech program: %w", err)
	}
	cfg.Program = program
	v := &VoiceFolder{cfg: cfg, log: log, turn: make(chan struct{}, 1)}
	v.life, v.end = context.WithCancel(context.Background())
	v.turn <- struct{}{}
	return v, nil
}

// Name is the folder's name with the speaker and speed of the language.
func (v *VoiceFolder) Name(lang string) string {
	return v.name(v.speaker(lang))
}

func (v *VoiceFolder) name(s Speaker) string {
	return fmt.Sprintf("%s/%d@%.2f", filepath.Base(v.cfg.Folder), s.Number, s.Speed)
}

func (v *VoiceFolder) speaker(lang string) Speaker {
	s := v.cfg.Speakers[lang]
	if s.Speed == 0 {
		s.Speed = 1
	}
	return s
}

// Speak speaks one sentence with the language's speaker.
func (v *VoiceFolder) Speak(ctx context.Context, lang, sentence string) (Sound, error) {
	return v.SpeakAs(ctx, v.speaker(lang), sentence)
}

// SpeakAs speaks one sentence with any speaker of the folder.
func (v *VoiceFolder) SpeakAs(ctx context.Context, s Speaker, sentence string) (Sound, error) {
	ctx, cancel := context.WithTimeout(ctx, v.cfg.TimeLimit+loadLimit)
	defer cancel()
	defer context.AfterFunc(v.life, cancel)()
	select {
	case <-v.turn:
	case <-ctx.Done():
		return Sound{}, fmt.Errorf("wait for the speech program: %w", ctx.Err())
	}
	defer func() { v.turn <- struct{}{} }()
	if v.idle != nil {
		v.idle.Stop()
	}
	if err := ctx.Err(); err != nil {
		return Sound{}, fmt.Errorf("wait for the speech program: %w", err)
	}
	if err := v.start(ctx); err != nil {
		return Sound{}, err
	}
	v.last++
	ctx, cancelTurn := context.WithTimeout(ctx, v.cfg.TimeLimit)
	defer cancelTurn()
	var reply pipe.Reply
	samples, err := v.proc.exchange(ctx, pipe.Request{ID: v.last, Speak: sentence, Speaker: s.Number, Speed: s.Speed}, &reply)
	if err == nil && reply.ID != v.last {
		err = fmt.Errorf("reply %d to request %d", reply.ID, v.last)
	}
	if err != nil {
		err = v.failed("speak", err)
		return Sound{}, err
	}
	v.bad = 0
	v.idle = time.AfterFunc(idleLimit, v.rest)
	if reply.Error != "" {
		return Sound{}, fmt.Errorf("%w: %s", ErrEngine, reply.Error)
	}
	if reply.Rate <= 0 || len(samples) == 0 {
		return Sound{}, fmt.Errorf("speak with %s: %w", v.name(s), ErrSilent)
	}
	return Sound{Rate: reply.Rate, Samples: samples}, nil
}

// start makes sure that a child with a loaded model is there. The caller has the
// turn.
func (v *VoiceFolder) start(ctx context.Context) error {
	if v.proc != nil {
		return nil
	}
	if left := time.Until(v.wait); left > 0 {
		return fmt.Errorf("%w: it failed %d times, next try in %s", ErrEngine, v.bad, left.Round(time.Second))
	}
	began := time.Now()
	p, err := startChild(v.cfg)
	if err != nil {
		return v.failed("start", err)
	}
	v.proc = p
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	var hello pipe.Hello
	if _, err = p.exchange(ctx, nil, &hello); err != nil {
		return v.failed("start", err)
	}
	switch {
	case hello.Error != "":
		err = errors.New(hello.Error)
	case hello.Version != pipe.Version:
		err = fmt.Errorf("it speaks protocol version %d, not %d", hello.Version, pipe.Version)
	}
	if err != nil {
		return v.failed("start", err)
	}
	v.log.Info("speech program started", "pid", p.cmd.Process.Pid, "voice", v.cfg.Folder,
		"speakers", hello.Speakers, "library", hello.Library, "after", time.Since(began).Round(time.Millisecond))
	return nil
}

// failed ends the child and says what happened to it. The first failure after a
// success is followed by a start at once, later ones wait.
func (v *VoiceFolder) failed(doing string, err error) error {
	if v.proc != nil {
		err = v.proc.kill(err)
		v.proc = nil
	}
	v.bad++
	if v.bad > 1 {
		v.wait = time.Now().Add(min(longestWait, firstWait<<min(v.bad-2, 10)))
	}
	err = fmt.Errorf("%w: %s %s: %w", ErrEngine, doing, filepath.Base(v.cfg.Program), err)
	v.log.Warn("speech program failed", "failures", v.bad, "error", err)
	return err
}

// rest ends a child that has nothing to do.
func (v *VoiceFolder) rest() {
	select {
	case <-v.turn:
		v.stop()
		v.turn <- struct{}{}
	default:
	}
}

// Close ends the child at once; the sentence being spoken, and every later one,
// fails.
func (v *VoiceFolder) Close() {
	v.end()
	<-v.turn
	v.stop()
	v.turn <- struct{}{}
}

func (v *VoiceFolder) stop() {
	if v.idle != nil {
		v.idle.Stop()
	}
	if v.proc != nil {
		_ = v.proc.kill(nil)
		v.proc = nil
	}
}

// child is one running hotline-speech.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *tail
}

func startChild(cfg VoiceConfig) (*child, error) {
	cmd := exec.Command(cfg.Program, "speak",
		"--voice", cfg.Folder,
		"--espeak-data", cfg.EspeakData,
		"--threads", strconv.Itoa(cfg.Threads),
		"--memory-mb", strconv.Itoa(cfg.MemoryMB))
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
func (p *child) exchange(ctx context.Context, request, reply any) ([]float32, error) {
	type result struct {
		samples []float32
		err     error
	}
	done := make(chan result, 1)
	go func() {
		if request != nil {
			if err := pipe.Write(p.in, request, nil); err != nil {
				done <- result{err: err}
				return
			}
		}
		samples, err := pipe.Read(p.out, reply)
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
	return oneLine(string(t.buf))
}
