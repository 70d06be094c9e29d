package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/cti"
)

func TestSignIn(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleSupervisor, ScopeTeam, "blue")
	f.user("u2", "old", RoleAgent, ScopeOwn, "")
	f.exec(`update users set active = false where id = 'u2'`)
	b := f.browser()
	b.want(401, "signed_out", "GET", "/api/v1/session", nil)
	for login, pw := range map[string]string{"amy": "wrong", "nobody": password, "old": password} {
		if r := b.signIn(login, pw); r.StatusCode != 401 || r.code() != "bad_login" || len(r.Cookies()) > 0 {
			t.Errorf("%s: %d %s", login, r.StatusCode, r.body)
		}
	}
	r := b.signIn(" AMY ", password)
	if r.StatusCode != 200 {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	c := r.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure || c.Path != "/" {
		t.Errorf("cookie %v", c)
	}
	me := get[Me](b, "/api/v1/session")
	if me.ID != "u1" || me.Role != RoleSupervisor || me.TeamName != "blue" || len(me.Rights) == 0 {
		t.Errorf("me %+v", me)
	}
	if n := count(f, `select count(*) from sessions where token_hash = $1`, []byte(c.Value)[:32]); n != 0 {
		t.Error("the token itself is stored")
	}
	if n := count(f, `select count(*) from access_log where action = 'sign_in' and user_id = 'u1'`); n != 1 {
		t.Errorf("%d entries of the sign-in", n)
	}
	b.want(422, "invalid", "PATCH", "/api/v1/session", `{"lang":"fr"}`)
	if r := b.do("PATCH", "/api/v1/session", `{"lang":"en"}`); r.StatusCode != 200 {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
	if me := get[Me](b, "/api/v1/session"); me.Lang != "en" {
		t.Errorf("language %s", me.Lang)
	}
}

func TestCookieOfASecureSite(t *testing.T) {
	f := newFixture(t, func(d *Deps) { d.Config.PublicURL = "https://hotline.example.com" })
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	r := f.browser().signIn("amy", password)
	if c := r.Cookies()[0]; !c.Secure || c.Name != "__Host-hotline" {
		t.Errorf("cookie %v", c)
	}
	if r.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS")
	}
}

func TestSignOut(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	one, two, three := f.as("u1"), f.as("u1"), f.as("u1")
	for _, b := range []*browser{one, two, three} {
		get[Me](b, "/api/v1/session")
	}
	var ended Ended
	if err := json.Unmarshal(one.do("DELETE", "/api/v1/session/others", nil).body, &ended); err != nil || ended.Ended != 2 {
		t.Errorf("ended %v %v", ended, err)
	}
	two.want(401, "signed_out", "GET", "/api/v1/session", nil)
	get[Me](one, "/api/v1/session")
	one.want(204, "", "DELETE", "/api/v1/session", nil)
	one.want(401, "signed_out", "GET", "/api/v1/session", nil)
}

func TestSessionsEnd(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	idle, busy := f.as("u1"), f.as("u1")
	get[Me](idle, "/api/v1/session")
	for range 13 * 2 {
		get[Me](busy, "/api/v1/session")
		f.clock.pass(30 * time.Minute)
	}
	idle.want(401, "signed_out", "GET", "/api/v1/session", nil)
	get[Me](busy, "/api/v1/session")
	f.clock.pass(30 * time.Minute)
	get[Me](busy, "/api/v1/session")
	f.clock.pass(30 * time.Minute)
	busy.want(401, "signed_out", "GET", "/api/v1/session", nil) // 14 hours: over, however busy
}

func TestSignInIsLimited(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	f.user("u2", "bob", RoleAgent, ScopeOwn, "")
	b := f.browser()
	for range loginBurst {
		b.want(401, "bad_login", "POST", "/api/v1/session", `{"login":"amy","password":"wrong password"}`)
	}
	r := b.want(429, "too_many", "POST", "/api/v1/session", map[string]string{"login": "amy", "password": password})
	if wait, err := strconv.Atoi(r.Header.Get("Retry-After")); err != nil || wait < 1 || wait > 30 {
		t.Errorf("Retry-After %q", r.Header.Get("Retry-After"))
	}
	if r := b.signIn("bob", password); r.StatusCode != 200 {
		t.Errorf("another login: %d %s", r.StatusCode, r.body)
	}
	f.clock.pass(loginEvery)
	if r := b.signIn("amy", password); r.StatusCode != 200 {
		t.Errorf("after the wait: %d %s", r.StatusCode, r.body)
	}
	// From one address, whatever the login.
	for i := range addressBurst {
		f.logins.byAddress.take("127.0.0.1")
		_ = i
	}
	b.want(429, "too_many", "POST", "/api/v1/session", map[string]string{"login": "bob", "password": password})
}

func TestLimiter(t *testing.T) {
	c := &clock{at: time.Unix(1e9, 0)}
	l := newLimiter(c.now, 3, time.Minute)
	for range 3 {
		if wait := l.take("a"); wait != 0 {
			t.Fatalf("wait %v within the burst", wait)
		}
	}
	if wait := l.take("a"); wait != time.Minute {
		t.Errorf("wait %v", wait)
	}
	c.pass(time.Minute)
	if wait := l.take("a"); wait != 0 {
		t.Errorf("wait %v after it", wait)
	}
	l.give("a")
	if wait := l.take("a"); wait != 0 {
		t.Errorf("wait %v after giving back", wait)
	}
	for i := range limiterKeys + 10 {
		l.take(fmt.Sprint(i))
	}
	if len(l.full) > limiterKeys+1 {
		t.Errorf("%d keys", len(l.full))
	}
}

// A storm of sign-ins hashes a few at a time; all are answered, right ones with a session.
func TestLoginStorm(t *testing.T) {
	f := newFixture(t)
	const people = 40
	for i := range people {
		f.user(fmt.Sprintf("u%d", i), fmt.Sprintf("user%d", i), RoleAgent, ScopeOwn, "")
	}
	var storm sync.WaitGroup
	codes := make([]int, 2*people)
	for i := range 2 * people {
		storm.Go(func() {
			login := fmt.Sprintf("user%d", i)
			if i >= people {
				login = fmt.Sprintf("attack%d", i)
			}
			r, err := http.Post(f.url+"/api/v1/session", "application/json", strings.NewReader(`{"login":"`+login+`","password":"`+password+`"}`))
			if err != nil {
				t.Error(err)
				return
			}
			codes[i] = r.StatusCode
			if err := r.Body.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	storm.Wait()
	for i, code := range codes {
		switch {
		case i < people && code != 200 && code != 503, i >= people && code != 401 && code != 429 && code != 503:
			t.Errorf("sign-in %d: %d", i, code)
		}
	}
	if cap(f.logins.slots) > 4 && cap(f.logins.slots) > people/4 {
		t.Errorf("%d may hash at once", cap(f.logins.slots))
	}
}

func TestChangePassword(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	b, other := f.as("u1"), f.as("u1")
	const path = "/api/v1/session/password"
	b.want(422, "invalid", "PUT", path, map[string]string{"old": password, "new": "short"})
	b.want(422, "wrong_password", "PUT", path, map[string]string{"old": "another one", "new": "a new long password"})
	b.want(204, "", "PUT", path, map[string]string{"old": password, "new": "a new long password"})
	other.want(401, "signed_out", "GET", "/api/v1/session", nil)
	if r := f.browser().signIn("amy", "a new long password"); r.StatusCode != 200 {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	b := f.as("u1")
	b.want(403, "bad_origin", "DELETE", "/api/v1/session", nil, "Sec-Fetch-Site", "cross-site")
	b.want(403, "bad_origin", "DELETE", "/api/v1/session", nil, "Origin", "https://evil.example")
	b.want(415, "unsupported_media", "PATCH", "/api/v1/session", "lang=en", "Content-Type", "application/x-www-form-urlencoded")
	b.want(415, "unsupported_media", "PATCH", "/api/v1/session", `{"lang":"en"}`, "Content-Type", "text/plain")
	b.want(413, "too_large", "PATCH", "/api/v1/session", `{"lang":"`+strings.Repeat("x", bodyLimit)+`"}`)
	b.want(400, "bad_request", "PATCH", "/api/v1/session", `{"lang":`)
	b.want(422, "invalid", "PATCH", "/api/v1/session", `{"lang":"en","role":"admin"}`)
	get[Me](b, "/api/v1/session")
}

func TestAttackersGuessNoCookie(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	for _, token := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 5000), "'--"} {
		b := f.browser()
		b.Transport = withCookie{token}
		b.want(401, "signed_out", "GET", "/api/v1/session", nil)
	}
}

func TestSignOutLeavesTheFloor(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	f.floor.setView(cti.AgentView{Agent: "u1", State: cti.AgentStateReady})
	b := f.as("u1")
	d := openDesk(t, f, b, "desk-client-1")
	d.next("snapshot")
	b.want(204, "", "DELETE", "/api/v1/session", nil)
	if code := d.closed(); code != 4003 {
		t.Errorf("closed with %d", code)
	}
	f.Hub.Close()
	var kinds []string
	for _, ev := range f.floor.asked {
		kinds = append(kinds, cti.EventKind(ev))
	}
	if got := strings.Join(kinds, " "); !strings.HasPrefix(got, "desk_connected agent_signed_out") {
		t.Errorf("the floor heard %s", got)
	}
}
