package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// startServer returns how to connect to the server as one who may make databases.
func startServer() (string, error) {
	if dsn := os.Getenv("HOTLINE_TEST_DSN"); dsn != "" {
		return dsn, nil
	}
	bin, err := findPrograms()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "hotline-pg-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the test cluster: %w", err)
	}
	dsn, err := startCluster(bin, dir)
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dsn, nil
}

// findPrograms returns the folder with initdb and postgres, which Debian keeps off the PATH.
func findPrograms() (string, error) {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(initdb); err == nil {
			return filepath.Dir(real), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("no PostgreSQL server programs found: install the package postgresql, or set HOTLINE_TEST_DSN")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// keeper runs the server until its own standard input ends, which happens when the test program is gone, and then
// removes the folder. $1 is the folder; the rest is the server's command.
const keeper = `dir=$1; shift
"$@" <&- & server=$!
read -r _
kill -INT $server; wait $server
rm -rf "$dir"`

func startCluster(bin, dir string) (string, error) {
	asUser, err := unprivileged(dir)
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	initdb := append(asUser, filepath.Join(bin, "initdb"), "-D", data, "-U", "hotline", "-A", "trust",
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	cmd := exec.Command(initdb[0], initdb[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return "", fmt.Errorf("make the test cluster's log: %w", err)
	}
	defer func() { _ = log.Close() }() // The server has its own handle.
	args := append([]string{"-c", keeper, "keeper", dir}, asUser...)
	args = append(args, filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=")
	for _, setting := range []string{
		"fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off", "max_connections=200",
		"shared_buffers=128MB", "max_wal_size=4GB", "autovacuum_naptime=10s", "timezone=UTC",
	} {
		args = append(args, "-c", setting)
	}
	cmd = exec.Command("/bin/sh", args...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = log, log
	// Its own group, or a Ctrl-C would reach the server before the tests have cleaned up.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return "", fmt.Errorf("make the test cluster's pipe: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("start the test cluster: %w", err)
	}
	go func() {
		_ = cmd.Wait() // Whoever uses the server notices that it is gone.
		// Until here: the garbage collector closes a pipe that nothing refers to.
		runtime.KeepAlive(lifeline)
	}()
	dsn := fmt.Sprintf("host=%s user=hotline dbname=postgres sslmode=disable", quote(dir))
	return dsn, waitUntilUp(dsn, log.Name())
}

// unprivileged gives the folder to somebody who may run PostgreSQL, which refuses root, and returns the command that
// becomes them.
func unprivileged(dir string) ([]string, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	if out, err := exec.Command("chown", "postgres:", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("give the test cluster's folder to user postgres: %w: %s", err, bytes.TrimSpace(out))
	}
	return []string{"setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"}, nil
}

func waitUntilUp(dsn, log string) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, dsn)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			said, readErr := os.ReadFile(log)
			return errors.Join(fmt.Errorf("wait for the test cluster: %w; it said: %s", err, said), readErr)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// quote makes a value safe in a keyword/value connection string.
func quote(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}
