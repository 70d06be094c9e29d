// Command hotline-dev installs, starts, watches and stops everything that Hotline needs on one machine: Asterisk,
// PostgreSQL and Hotline's own processes, in a run folder. It is for development, tests and demonstrations.
package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	asterisk "hotline/deploy/asterisk"
	"hotline/internal/devstack"
)

type commands struct {
	Run      runCmd      `cmd:"" help:"Start everything and stay in the foreground."`
	Up       upCmd       `cmd:"" help:"Start everything in the background; returns when it is ready."`
	Down     downCmd     `cmd:"" help:"Stop exactly what run or up started here."`
	Status   statusCmd   `cmd:"" help:"Show the processes."`
	Asterisk asteriskCmd `cmd:"" help:"Run one private Asterisk in the foreground, for tests by hand."`
	Postgres postgresCmd `cmd:"" help:"Run one private PostgreSQL in the foreground, for tests by hand."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var cli commands
	k := kong.Parse(&cli, kong.Name("hotline-dev"), kong.Description("Hotline's development set-up."), kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)))
	k.FatalIfErrorf(k.Run())
}

type asteriskCmd struct {
	Dir      string   `required:"" help:"Run folder, made if missing."`
	SIP      string   `name:"sip" default:"" placeholder:"PORT" help:"UDP port on 127.0.0.1 (default: a free one)."`
	HTTP     string   `name:"http" default:"" placeholder:"PORT" help:"ARI port on 127.0.0.1 (default: a free one)."`
	System   string   `default:"hl1" help:"System name, the first part of channel ids."`
	Password string   `default:"" help:"ARI password of the user hotline, 16 characters or more (default: random)."`
	Line     []string `default:"+886800000123" help:"Lines, E.164."`
	Share    []string `help:"Further folders that Asterisk must see, such as prompts."`
}

func (c asteriskCmd) Run(ctx context.Context) error {
	conf := asterisk.Config{SystemName: c.System, Password: c.Password, Lines: c.Line}
	for port, into := range map[string]*netip.AddrPort{c.SIP: &conf.SIP, c.HTTP: &conf.HTTP} {
		if port == "" {
			continue
		}
		addr, err := netip.ParseAddrPort("127.0.0.1:" + port)
		if err != nil {
			return fmt.Errorf("read port %q: %w", port, err)
		}
		*into = addr
	}
	a, err := devstack.StartAsterisk(ctx, c.Dir, devstack.AsteriskOptions{Config: conf, Shares: c.Share})
	if err != nil {
		return err
	}
	fmt.Printf("pid=%d\nsip=%s\nari=%s\napp=%s\nuser=%s\npassword=%s\nrtp=%d-%d\nconsole=%s\n", a.PID(), a.SIP, a.URL(), a.App, a.User,
		a.Password, a.RTP.First, a.RTP.Last, strings.Join(a.ConsoleCommand(a.PID()), " "))
	fmt.Println("ready; ends with Ctrl-C")
	select {
	case <-ctx.Done():
	case <-a.Done():
	}
	return a.Stop()
}

type postgresCmd struct {
	Dir string `required:"" help:"Run folder, made if missing."`
}

func (c postgresCmd) Run(ctx context.Context) error {
	p, err := devstack.StartPostgres(ctx, filepath.Clean(c.Dir), devstack.PostgresOptions{Volatile: true})
	if err != nil {
		return err
	}
	fmt.Printf("pid=%d\ndsn=%s\nready; ends with Ctrl-C\n", p.PID(), p.DSN)
	select {
	case <-ctx.Done():
	case <-p.Done():
	}
	return p.Stop()
}
