package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
)

const (
	sessionIdle = time.Hour      // without a request or an open desk
	sessionLife = 14 * time.Hour // a long shift, then sign in again
	// A session is believed for so long without asking the database, and beyond while that is away.
	sessionFresh = 15 * time.Second
	// seen_at is written at most so often.
	seenEvery = time.Minute
)

// Who is the person behind a request.
type Who struct {
	ID      id.AgentID
	Login   string
	Name    string
	Role    Role
	Scope   Scope
	Team    string // "" without one
	Lang    string
	Session string // names the session in this process; it is no secret
	Expires time.Time
}

// auth finds the person of a session's token. Sessions lie in the database, by hash; what was found lately is kept, so
// that most requests cost no query and a desk goes on while the database is away.
type auth struct {
	db  *pgxpool.Pool
	now func() time.Time

	mu    sync.Mutex
	known map[[sha256.Size]byte]known
}

type known struct {
	who     Who
	checked time.Time
	seen    time.Time // as the database has it
}

func newAuth(db *pgxpool.Pool, now func() time.Time) *auth {
	return &auth{db: db, now: now, known: map[[sha256.Size]byte]known{}}
}

// begin makes a session and returns its token.
func (a *auth) begin(ctx context.Context, user id.AgentID) (token string, err error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // Never fails, says its documentation.
	token = base64.RawURLEncoding.EncodeToString(secret[:])
	hash := sha256.Sum256([]byte(token))
	now := a.now()
	_, err = a.db.Exec(ctx, `
		with gone as (delete from sessions where expires_at < $3 or seen_at < $5)
		insert into sessions (token_hash, user_id, created_at, seen_at, expires_at) values ($1, $2, $3, $3, $4)`,
		hash[:], user, now, now.Add(sessionLife), now.Add(-sessionIdle))
	if err != nil {
		return "", fmt.Errorf("begin a session: %w", err)
	}
	return token, nil
}

// find returns the person of the token. A *Problem says that there is none.
func (a *auth) find(ctx context.Context, token string) (Who, error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(32) {
		return Who{}, errSignedOut()
	}
	return a.findHash(ctx, sha256.Sum256([]byte(token)))
}

func (a *auth) findHash(ctx context.Context, hash [sha256.Size]byte) (Who, error) {
	now := a.now()
	a.mu.Lock()
	k, ok := a.known[hash]
	a.mu.Unlock()
	if ok && now.Sub(k.checked) < sessionFresh && now.Before(k.who.Expires) {
		return k.who, nil
	}
	fresh, err := a.load(ctx, hash, now)
	switch {
	case err == nil:
		a.remember(hash, fresh)
		return fresh.who, nil
	case errors.Is(err, pgx.ErrNoRows):
		a.mu.Lock()
		delete(a.known, hash)
		a.mu.Unlock()
		return Who{}, errSignedOut()
	case ok && isAway(err) && now.Before(k.who.Expires):
		return k.who, nil
	default:
		return Who{}, fmt.Errorf("find the session: %w", err)
	}
}

func (a *auth) load(ctx context.Context, hash [sha256.Size]byte, now time.Time) (known, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	k := known{checked: now}
	w := &k.who
	err := a.db.QueryRow(ctx, `
		select u.id, u.login, u.name, u.role, u.scope, coalesce(u.team_id, ''), u.lang, s.expires_at, s.seen_at
		from sessions s join users u on u.id = s.user_id
		where s.token_hash = $1 and s.expires_at > $2 and s.seen_at > $3 and u.active`,
		hash[:], now, now.Add(-sessionIdle)).
		Scan(&w.ID, &w.Login, &w.Name, &w.Role, &w.Scope, &w.Team, &w.Lang, &w.Expires, &k.seen)
	if err != nil {
		return known{}, err
	}
	w.Session = base64.RawURLEncoding.EncodeToString(hash[:])
	if now.Sub(k.seen) >= seenEvery {
		if _, err := a.db.Exec(ctx, `update sessions set seen_at = $2 where token_hash = $1`, hash[:], now); err != nil {
			return known{}, err
		}
	}
	return k, nil
}

func (a *auth) remember(hash [sha256.Size]byte, k known) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known[hash] = k
	for h, old := range a.known {
		if !k.checked.Before(old.who.Expires) || k.checked.Sub(old.checked) > sessionIdle {
			delete(a.known, h)
		}
	}
}

// alive says whether the session named by Who.Session still holds, and keeps it from being idle.
func (a *auth) alive(ctx context.Context, session string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(session)
	if err != nil || len(raw) != sha256.Size {
		return false
	}
	_, err = a.findHash(ctx, [sha256.Size]byte(raw))
	p, signedOut := errors.AsType[*Problem](err)
	return !signedOut || p.Status != http.StatusUnauthorized
}

// end ends the session, or with others all other sessions of the person. It returns the names of the ended ones.
func (a *auth) end(ctx context.Context, who Who, others bool) ([]string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(who.Session)
	if err != nil {
		return nil, fmt.Errorf("read the session's name: %w", err)
	}
	rows, err := a.db.Query(ctx, `delete from sessions where user_id = $1 and (token_hash = $2) <> $3 returning token_hash`, who.ID, raw, others)
	if err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	return a.ended(rows)
}

// endAll ends every session of a user who may no longer sign in, or has a new password.
func (a *auth) endAll(ctx context.Context, user id.AgentID) ([]string, error) {
	rows, err := a.db.Query(ctx, `delete from sessions where user_id = $1 returning token_hash`, user)
	if err != nil {
		return nil, fmt.Errorf("end all sessions: %w", err)
	}
	return a.ended(rows)
}

func (a *auth) ended(rows pgx.Rows) ([]string, error) {
	hashes, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	a.forget()
	names := make([]string, len(hashes))
	for i, h := range hashes {
		names[i] = base64.RawURLEncoding.EncodeToString(h)
	}
	return names, nil
}

// forget makes the next request of everybody ask the database.
func (a *auth) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for h, k := range a.known {
		k.checked = time.Time{}
		a.known[h] = k
	}
}

func errSignedOut() *Problem {
	return newProblem(http.StatusUnauthorized, "signed_out", "the session is over")
}

// cookieName has the prefix by which browsers refuse the cookie from anywhere but this very host, where TLS allows it
// (RFC 6265bis section 4.1.3.2).
func cookieName(c Config) string {
	if c.secure() {
		return "__Host-hotline"
	}
	return "hotline"
}

func (s *Server) cookie(token string) http.Cookie {
	c := http.Cookie{
		Name: cookieName(s.Config), Value: token, Path: "/", HttpOnly: true, Secure: s.Config.secure(),
		SameSite: http.SameSiteLaxMode, MaxAge: int(sessionLife / time.Second),
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}
