// Command hotline is the call centre: its controller, its media gateway, its worker, and the tools around them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set when a release is linked.
var version = "development"

// commands are the subcommands; each is a few lines over a package.
type commands struct {
	Serve    serveCmd         `cmd:"" help:"Run the controller with the web server."`
	Media    mediaCmd         `cmd:"" help:"Run the media gateway: browser sound and recording."`
	Worker   workerCmd        `cmd:"" help:"Run the jobs that follow a call, such as finishing recordings."`
	Demo     demoCmd          `cmd:"" help:"Ring the line with demo callers."`
	Migrate  migrateCmd       `cmd:"" help:"Bring the database to this version."`
	DemoData demoDataCmd      `cmd:"" help:"Fill the database with the demo company."`
	Records  recordingsCmd    `cmd:"" name:"recordings" help:"Check and keep recordings as evidence."`
	User     userCmd          `cmd:"" help:"List, add and change the people who sign in."`
	Queue    queueCmd         `cmd:"" help:"List and change the queues and their members."`
	Flow     flowCmd          `cmd:"" help:"Check, import and export flows and surveys."`
	Survey   surveyCmd        `cmd:"" help:"Check the counts that results of surveys are read from."`
	Speak    speakCmd         `cmd:"" help:"Speak texts into a voice pack."`
	ASR      asrCmd           `cmd:"" name:"asr" help:"Speech recognition."`
	Models   modelsCmd        `cmd:"" help:"Install speech models."`
	QA       qaCmd            `cmd:"" name:"qa" help:"Judge recordings by the rules of quality."`
	Sim      simCmd           `cmd:"" help:"Simulate days of a call centre and check its invariants."`
	Version  kong.VersionFlag `help:"Print the version."`
}

// exitCode ends the program with a code of its own, after the command has said why.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// The first signal asks for a clean end, the second ends at once.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(130)
	}()
	var cli commands
	k := kong.Parse(&cli, kong.Name("hotline"), kong.Description("A call centre on Asterisk."), kong.UsageOnError(),
		kong.Vars{"version": version}, kong.BindTo(ctx, (*context.Context)(nil)))
	err := k.Run()
	var code exitCode
	switch {
	case err == nil, errors.Is(err, context.Canceled):
	case errors.As(err, &code):
		os.Exit(int(code))
	default:
		fmt.Fprintln(os.Stderr, "hotline:", err)
		os.Exit(1)
	}
}
