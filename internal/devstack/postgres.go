package devstack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// PostgresOptions differ from one cluster to the next.
type PostgresOptions struct {
	// Volatile trades safety of the data for speed: for tests, whose data nobody needs after a crash.
	Volatile bool
	// MaxConnections is zero for 100.
	MaxConnections int
}

// Postgres is a private cluster with one database and superuser, both named "hotline", and no TCP port.
type Postgres struct {
	// DSN opens the database, for pgx and psql.
	DSN  string
	Spec Spec
	// Process is set by StartPostgres only; a Supervisor has its own.
	*Process
	dir      string
	bin      string
	socket   string // as clients see it; may be a short link to dir
	shortDir string
	opts     PostgresOptions
}

// PreparePostgres makes the cluster below dir if it is not there yet and returns how to start it. As root it runs as
// the user postgres, who sees dir mounted on its home folder, so that dir may lie where only root can go.
func PreparePostgres(ctx context.Context, dir string, opts PostgresOptions) (*Postgres, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("prepare PostgreSQL: %w", err)
	}
	p := &Postgres{dir: abs, opts: opts}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, fmt.Errorf("prepare PostgreSQL: %w", err)
	}
	if p.bin, err = serverPrograms(filepath.Join(abs, "data", "PG_VERSION")); err != nil {
		return nil, err
	}
	if err := p.initialise(ctx); err != nil {
		return nil, err
	}
	p.socket = abs
	if len(abs)+len("/.s.PGSQL.5432.lock") > socketMax {
		if p.shortDir, err = os.MkdirTemp("", "hotline-pg-"); err != nil {
			return nil, fmt.Errorf("make a short name for the socket: %w", err)
		}
		if err := os.Chmod(p.shortDir, 0o711); err != nil {
			return nil, fmt.Errorf("make a short name for the socket: %w", err)
		}
		p.socket = filepath.Join(p.shortDir, "s")
		if err := os.Symlink(abs, p.socket); err != nil {
			return nil, fmt.Errorf("make a short name for the socket: %w", err)
		}
	}
	p.DSN = "postgres://hotline@/hotline?host=" + url.QueryEscape(p.socket)
	p.Spec = Spec{
		Name:    "postgres",
		Command: p.command,
		Ready:   p.ready,
		ReadyIn: time.Minute,      // recovery after a crash
		Stop:    syscall.SIGINT,   // "fast": clients are disconnected. See pg_ctl(1).
		Grace:   30 * time.Second, // a last checkpoint
	}
	return p, nil
}

// StartPostgres prepares a cluster, starts it and waits until it takes connections.
func StartPostgres(ctx context.Context, dir string, opts PostgresOptions) (*Postgres, error) {
	p, err := PreparePostgres(ctx, dir, opts)
	if err != nil {
		return nil, err
	}
	if p.Process, err = Start(ctx, p.Spec, filepath.Join(p.dir, "postgres.log")); err != nil {
		return nil, errors.Join(err, p.Clean())
	}
	return p, nil
}

// Stop ends a started cluster. It may be called again.
func (p *Postgres) Stop() error {
	var err error
	if p.Process != nil {
		err = p.Process.Stop()
	}
	return errors.Join(err, p.Clean())
}

// Clean removes what lies outside the run folder.
func (p *Postgres) Clean() error {
	if p.shortDir == "" {
		return nil
	}
	if err := os.RemoveAll(p.shortDir); err != nil {
		return fmt.Errorf("clean up after PostgreSQL: %w", err)
	}
	return nil
}

// serverPrograms finds the folder of initdb and postgres: of the version that made the cluster, or the newest.
func serverPrograms(versionFile string) (string, error) {
	want, err := os.ReadFile(versionFile)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("find PostgreSQL: %w", err)
	}
	version := strings.TrimSpace(string(want))
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", fmt.Errorf("find PostgreSQL: %w", err)
	}
	if path, err := exec.LookPath("initdb"); err == nil && len(found) == 0 {
		return filepath.Dir(path), nil
	}
	major := func(path string) int {
		n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		if err != nil {
			return 0
		}
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(major(b), major(a)) })
	for _, path := range found {
		if version == "" || strconv.Itoa(major(path)) == version {
			return filepath.Dir(path), nil
		}
	}
	if version != "" {
		return "", fmt.Errorf("find PostgreSQL: the cluster beside %s was made by version %s, which is not installed: install it, or remove that folder and its data", versionFile, version)
	}
	return "", errors.New("find PostgreSQL: no initdb in /usr/lib/postgresql/*/bin or on PATH: run deploy/dev/install.sh")
}

// initialise makes the cluster in data.new and gives it its name when it is complete.
func (p *Postgres) initialise(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(p.dir, "data")); err == nil {
		return nil
	}
	if err := os.RemoveAll(filepath.Join(p.dir, "data.new")); err != nil {
		return fmt.Errorf("make a PostgreSQL cluster: %w", err)
	}
	if owner, err := clusterUser(); err != nil {
		return err
	} else if owner != nil {
		if err := os.Chown(p.dir, owner.uid, owner.gid); err != nil {
			return fmt.Errorf("make a PostgreSQL cluster: %w", err)
		}
	}
	cmd := p.asOwner(ctx, `
"$BIN/initdb" -D "$HERE/data.new" --username=hotline --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions
echo 'CREATE DATABASE hotline' | "$BIN/postgres" --single -D "$HERE/data.new" postgres
`)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make a PostgreSQL cluster: %w: %s", err, out)
	}
	if err := os.Rename(filepath.Join(p.dir, "data.new"), filepath.Join(p.dir, "data")); err != nil {
		return fmt.Errorf("make a PostgreSQL cluster: %w", err)
	}
	return nil
}

type owner struct {
	name     string
	home     string
	uid, gid int
}

// clusterUser is who a root process must become, since PostgreSQL refuses to run as root; nil: nobody else.
func clusterUser() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("find PostgreSQL's user: %w: run deploy/dev/install.sh", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, fmt.Errorf("find PostgreSQL's user: %w", err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, fmt.Errorf("find PostgreSQL's user: %w", err)
	}
	return &owner{name: u.Username, home: u.HomeDir, uid: uid, gid: gid}, nil
}

// asOwner runs shell text with BIN and HERE set, HERE being the cluster's folder as the owner sees it.
func (p *Postgres) asOwner(ctx context.Context, script string) *exec.Cmd {
	o, err := clusterUser()
	if err != nil || o == nil {
		cmd := exec.CommandContext(ctx, "/bin/sh", "-ec", script)
		cmd.Env = append(os.Environ(), "BIN="+p.bin, "HERE="+p.socketOrDir())
		cmd.Dir = p.dir
		return cmd
	}
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "--propagation", "private", "--", "/bin/sh", "-ec",
		`mount --bind "$1" "$2"; cd "$2"; exec setpriv --reuid="$3" --regid="$4" --init-groups --pdeathsig=keep --reset-env /usr/bin/env BIN="$5" HERE="$2" TZ=UTC LC_ALL=C.UTF-8 /bin/sh -ec "$6"`,
		"enter", p.dir, o.home, strconv.Itoa(o.uid), strconv.Itoa(o.gid), p.bin, script)
	cmd.Dir = "/"
	return cmd
}

func (p *Postgres) socketOrDir() string { return cmp.Or(p.socket, p.dir) }

func (p *Postgres) command() *exec.Cmd {
	settings := []string{
		"listen_addresses=", `unix_socket_directories="$HERE"`, "port=5432",
		"max_connections=" + strconv.Itoa(cmp.Or(p.opts.MaxConnections, 100)),
		"timezone=UTC", "log_timezone=UTC", "logging_collector=off", "shared_buffers=128MB",
		"jit=off", // short statements only; compiling costs more than it brings
	}
	if p.opts.Volatile {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	return p.asOwner(context.Background(), `exec "$BIN/postgres" -D "$HERE/data" -c `+strings.Join(settings, " -c "))
}

func (p *Postgres) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.DSN)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := conn.Ping(ctx); err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	return nil
}
