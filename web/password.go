package web

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/prometheus/client_golang/prometheus"
)

// hashing costs 19 MiB and about 30 ms, as OWASP's password storage sheet has it (m=19456, t=2, p=1).
var hashing = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// HashPassword returns what the column password_hash holds for the password.
func HashPassword(password string) (string, error) {
	hash, err := argon2id.CreateHash(password, hashing)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// CheckPassword says why a password must not be used.
func CheckPassword(password string) error {
	if utf8.RuneCountInString(password) < passwordLeast || len(password) > passwordMost {
		return fmt.Errorf("%d characters at least, %d bytes at most", passwordLeast, passwordMost)
	}
	return nil
}

const (
	passwordLeast = 10  // characters
	passwordMost  = 256 // bytes
)

// Attempts to sign in: bursts, and how long until one more is allowed. A success counts nothing.
const (
	loginBurst   = 10
	loginEvery   = 30 * time.Second
	addressBurst = 100 // whole offices share an address
	addressEvery = 3 * time.Second
	limiterKeys  = 100_000
	// Who waits longer than this for a turn to hash is told to come back.
	hashWait = 5 * time.Second
)

// errBusy: too many want to sign in at this moment.
var errBusy = errors.New("too many sign-ins at once")

// logins guards the sign-in: against guessing, and against a storm that would eat the machine which carries calls.
type logins struct {
	byLogin, byAddress *limiter
	slots              chan struct{} // who hashes holds one
	unknown            string        // the hash checked for logins that don't exist
	results            *prometheus.CounterVec
}

func newLogins(now func() time.Time, r prometheus.Registerer) *logins {
	unknown, err := HashPassword("no login has this password")
	if err != nil {
		// Without chance there is no security at all; crypto/rand ends the program by itself.
		panic(err)
	}
	l := &logins{
		byLogin: newLimiter(now, loginBurst, loginEvery), byAddress: newLimiter(now, addressBurst, addressEvery),
		slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), unknown: unknown,
		results: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hotline_sign_ins_total", Help: "Attempts to sign in, by result."}, []string{"result"}),
	}
	if r != nil {
		r.MustRegister(l.results)
	}
	return l
}

// take counts an attempt; wait is how long it would have to wait when it is one too many.
func (l *logins) take(login, address string) (wait time.Duration) {
	if wait := l.byAddress.take(address); wait > 0 {
		return wait
	}
	if wait := l.byLogin.take(login); wait > 0 {
		l.byAddress.give(address)
		return wait
	}
	return 0
}

// give takes the attempt back, since it was right.
func (l *logins) give(login, address string) {
	l.byLogin.give(login)
	l.byAddress.give(address)
}

// turn waits until the caller may hash; done ends the turn.
func (l *logins) turn(ctx context.Context) (done func(), err error) {
	wait := time.NewTimer(hashWait)
	defer wait.Stop()
	select {
	case l.slots <- struct{}{}:
		return func() { <-l.slots }, nil
	case <-wait.C:
		return nil, errBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash is HashPassword in its turn.
func (l *logins) hash(ctx context.Context, password string) (string, error) {
	done, err := l.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return HashPassword(password)
}

// verify says whether the password has the hash. It takes the same time for an empty hash, which no password has.
func (l *logins) verify(ctx context.Context, password, hash string) (bool, error) {
	done, err := l.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	known := hash != ""
	if !known {
		hash = l.unknown
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("check a password: %w", err)
	}
	return match && known, nil
}

// foldLogin brings a login to the form that is stored and counted.
func foldLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// limiter allows a burst, then one each so often, for each key (GCRA: one time a key).
type limiter struct {
	now   func() time.Time
	burst int
	every time.Duration

	mu   sync.Mutex
	full map[string]time.Time // when the key's burst is whole again
}

func newLimiter(now func() time.Time, burst int, every time.Duration) *limiter {
	return &limiter{now: now, burst: burst, every: every, full: map[string]time.Time{}}
}

// take returns 0 when it is allowed, otherwise how long to wait.
func (l *limiter) take(key string) time.Duration {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	key = l.room(key, now)
	full := l.full[key]
	if full.Before(now) {
		full = now
	}
	if wait := full.Sub(now) - time.Duration(l.burst-1)*l.every; wait > 0 {
		return wait
	}
	l.full[key] = full.Add(l.every)
	return 0
}

// spent says whether take would refuse.
func (l *limiter) spent(key string) bool {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.full[key].Sub(now) > time.Duration(l.burst-1)*l.every
}

func (l *limiter) give(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if full, ok := l.full[key]; ok {
		l.full[key] = full.Add(-l.every)
	}
}

// room bounds the memory: when too many keys are being counted, new ones share one count.
func (l *limiter) room(key string, now time.Time) string {
	if _, ok := l.full[key]; ok || len(l.full) < limiterKeys {
		return key
	}
	for k, full := range l.full {
		if !full.After(now) {
			delete(l.full, k)
		}
	}
	if len(l.full) < limiterKeys {
		return key
	}
	return ""
}
