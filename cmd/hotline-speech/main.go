//go:build cgo

// hotline-speech is the only program of the system with cgo: it loads speech
// models of sherpa-onnx, C++ libraries that can hang, crash or grow, and so runs
// as a child process of hotline, with limits, and is started again when it dies.
//
//	hotline-speech speak --voice FOLDER [--espeak-data FOLDER] [--threads N] [--memory-mb N]
//	hotline-speech hear --model FOLDER --vad FILE [--threads N] [--memory-mb N]
//
// The first speaks texts with a voice folder, the second writes down what is
// said in a sound. Each kind of model is a subcommand of its own, so a child
// has one model in memory.
//
// The parent writes requests to its standard input and reads replies from its
// standard output, as frames of JSON and sound: package internal/speech has the
// format, and only that is written to standard output; what the libraries
// print goes to standard error. The child first says hello, when the model is
// loaded, or why it cannot be. It ends, at once and in the middle of whatever it
// does, when its input ends, so it never outlives its parent.
//
// A voice folder is Kokoro's in sherpa-onnx's layout: model*.onnx, voices.bin,
// tokens.txt and lexicon*.txt. A model folder is Whisper's, SenseVoice's,
// Paraformer's or a transducer's in the same layout, recognised by what it holds.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"

	"hotline/internal/speech"

	sherpa "github.com/k2-fsa/sherpa-onnx-go/sherpa_onnx"
)

// Niceness of the child: a call's sound comes before a prompt being made, and a prompt before a transcript.
const (
	speakNiceness = 10
	hearNiceness  = 19
)

func main() {
	// On Linux niceness belongs to a thread and is inherited by those it starts:
	// the model's threads are all started from this one.
	runtime.LockOSThread()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "hotline-speech:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 || args[0] != "speak" && args[0] != "hear" {
		return errors.New("usage: hotline-speech speak --voice FOLDER, or hotline-speech hear --model FOLDER --vad FILE")
	}
	if args[0] == "hear" {
		return runHear(args[1:])
	}
	return runSpeak(args[1:])
}

func runSpeak(args []string) error {
	flags := flag.NewFlagSet("speak", flag.ContinueOnError)
	voice := flags.String("voice", "", "voice `folder`")
	espeakData := flags.String("espeak-data", "", "espeak-ng's data `folder`, for Latin letters")
	threads := flags.Int("threads", 1, "threads of the model")
	memory := flags.Uint64("memory-mb", 0, "limit of memory in megabytes, 0 for none")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var tts *sherpa.OfflineTts
	return serve(*memory, speakNiceness, func() (hello speech.Hello, err error) {
		if tts, err = load(*voice, *espeakData, *threads); err == nil {
			hello.Speakers = tts.NumSpeakers()
		}
		return hello, err
	}, func(r speech.Request, _ []float32) (speech.Reply, []float32) { return answer(tts, r) })
}

func runHear(args []string) error {
	folder, vad, threads, memory, err := hearFlags(args)
	if err != nil {
		return err
	}
	var e *ears
	return serve(memory, hearNiceness, func() (hello speech.Hello, err error) {
		if err = startRuntime(); err != nil {
			return hello, err
		}
		if e, err = openEars(folder, vad, max(1, threads)); err == nil {
			hello.Model = e.model
		}
		return hello, err
	}, func(r speech.Request, sound []float32) (speech.Reply, []float32) { return e.answer(r, sound), nil })
}

// message is one request with its sound.
type message struct {
	request speech.Request
	sound   []float32
}

// serve loads a model, says so, and answers requests until the input ends.
func serve(memory uint64, niceness int, load func() (speech.Hello, error), answer func(speech.Request, []float32) (speech.Reply, []float32)) error {
	out, err := takeOutput()
	if err != nil {
		return err
	}
	if err := limit(memory<<20, niceness); err != nil {
		return err
	}
	messages := make(chan message)
	go read(os.Stdin, messages)
	hello, err := load()
	hello.Version, hello.Library = speech.Version, sherpa.GetVersion()
	if err != nil {
		hello.Error = err.Error()
		return errors.Join(err, speech.Write(out, hello, nil))
	}
	if err := speech.Write(out, hello, nil); err != nil {
		return fmt.Errorf("say hello: %w", err)
	}
	for m := range messages {
		reply, sound := answer(m.request, m.sound)
		if err := speech.Write(out, reply, sound); err != nil {
			return fmt.Errorf("reply: %w", err)
		}
	}
	return nil
}

// takeOutput keeps standard output for the protocol and lets whatever a library
// prints there go to standard error.
func takeOutput() (*os.File, error) {
	fd, err := syscall.Dup(1)
	if err != nil {
		return nil, fmt.Errorf("keep standard output: %w", err)
	}
	syscall.CloseOnExec(fd)
	if err := syscall.Dup3(2, 1, 0); err != nil {
		return nil, fmt.Errorf("redirect standard output: %w", err)
	}
	return os.NewFile(uintptr(fd), "protocol"), nil
}

// limit bounds the memory of the process (bytes, 0 for none) and lowers the
// priority of this thread for the processor and, with the idle class, for disks.
func limit(memory uint64, niceness int) error {
	if memory > 0 {
		// RLIMIT_DATA counts what is written to privately; address space alone
		// (RLIMIT_AS) is reserved far beyond what is used.
		if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: memory, Max: memory}); err != nil {
			return fmt.Errorf("limit memory to %d bytes: %w", memory, err)
		}
	}
	if current, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0); err == nil && 20-current < niceness {
		if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness); err != nil {
			return fmt.Errorf("lower the priority: %w", err)
		}
	}
	if niceness == hearNiceness {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOPRIO_SET, ioprioProcess, 0, ioprioIdle); errno != 0 {
			return fmt.Errorf("lower the priority for disks: %w", errno)
		}
	}
	return nil
}

// Of linux/ioprio.h: this thread, and the class that is served when nobody else asks.
const (
	ioprioProcess = 1
	ioprioIdle    = 3 << 13
)

// read hands on the requests and ends the process with the input, even while the
// model is busy.
func read(in io.Reader, messages chan<- message) {
	buffered := bufio.NewReader(in)
	for {
		var m message
		var err error
		if m.sound, err = speech.Read(buffered, &m.request); err != nil {
			if errors.Is(err, io.EOF) {
				os.Exit(0)
			}
			fmt.Fprintln(os.Stderr, "hotline-speech: read request:", err)
			os.Exit(1)
		}
		messages <- m
	}
}
