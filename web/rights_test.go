package web

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// allowed is the matrix written out, so that a change of rights.go shows here too.
var allowed = map[string]string{
	"agent own":       "calls correct customers desk directory pause quality recordings reveal self surveys tasks",
	"agent team":      "calls correct customers desk directory pause quality recordings reveal self surveys tasks",
	"agent all":       "calls correct customers desk directory pause quality recordings reveal self surveys tasks",
	"supervisor own":  "calls correct customers desk directory pause quality recordings reveal self surveys tasks",
	"supervisor team": "alarms calls correct customers desk directory download export floor flows messages pause quality recordings reveal review self surveys tasks",
	"supervisor all":  "alarms calls campaigns correct customers desk directory download export floor flows flows_edit holds hours messages pause quality recordings reveal review self surveys tasks",
	"qa own":          "calls directory quality recordings self surveys",
	"qa team":         "alarms calls directory download export flows quality recordings review self surveys",
	"qa all":          "alarms calls directory download export flows quality recordings review rules scorecards self surveys",
	"admin own":       "calls correct customers directory pause quality recordings reveal self surveys tasks",
	"admin team":      "alarms calls correct customers directory download export floor flows messages pause quality recordings reveal review self surveys tasks users",
	"admin all":       "access_log alarms calls campaigns correct customers digits directory download erase export floor flows flows_edit holds hours messages pause quality recordings reveal review rules scorecards self site surveys tasks users",
}

func TestRightsAreAsWrittenDown(t *testing.T) {
	for _, role := range everybody {
		for scope := range scopeRank {
			var has []string
			for _, r := range rightsOf(role, scope) {
				has = append(has, string(r))
			}
			who := fmt.Sprintf("%s %s", role, scope)
			if got := strings.Join(has, " "); got != allowed[who] {
				t.Errorf("%s: has %q, want %q", who, got, allowed[who])
			}
		}
	}
	for _, none := range []struct {
		role  Role
		scope Scope
	}{{"", ScopeAll}, {"root", ScopeAll}, {RoleAdmin, ""}, {RoleAdmin, "everything"}} {
		if has := rightsOf(none.role, none.scope); has != nil {
			t.Errorf("%v has %v", none, has)
		}
	}
}

func TestEveryRouteNamesItsRight(t *testing.T) {
	f := newFixture(t)
	public := []string{"POST /api/v1/session", "GET /api/v1/meta"}
	known := map[string]bool{}
	for _, r := range f.routes {
		known[r.method+" "+r.path] = true
		if _, ok := rights[r.right]; !ok && !(r.right == RightPublic && slices.Contains(public, r.method+" "+r.path)) {
			t.Errorf("%s %s: right %q", r.method, r.path, r.right)
		}
	}
	for path, item := range f.OpenAPI().Paths {
		for method, op := range map[string]any{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete} {
			if fmt.Sprint(op) != "<nil>" && !known[method+" "+path] {
				t.Errorf("%s %s was registered past route()", method, path)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// Each route is asked for by everybody. What lies behind is missing, so that an allowed request fails harmlessly.
func TestRightsMatrixOverHTTP(t *testing.T) {
	f := newFixture(t)
	n := 0
	browsers := map[string]*browser{}
	for who := range allowed {
		n++
		role, scope, _ := strings.Cut(who, " ")
		userID := fmt.Sprintf("u%d", 1000+n)
		f.user(userID, fmt.Sprintf("user%d", n), Role(role), Scope(scope), "blue")
		browsers[who] = f.as(userID)
	}
	for _, r := range f.routes {
		path := placeholder.ReplaceAllStringFunc(r.path, func(name string) string {
			if name == "{id}" && strings.Contains(r.path, "customers") {
				return "999"
			}
			return "missing"
		})
		if r.method == http.MethodDelete && strings.HasSuffix(path, "/session") {
			continue // It would end the session of the test; TestSignOut has it.
		}
		var body any
		if r.method != http.MethodGet && r.method != http.MethodDelete {
			body = "{}"
		}
		t.Run(r.method+" "+r.path, func(t *testing.T) {
			got := f.browser().do(r.method, path, body)
			if signedOut := got.StatusCode == http.StatusUnauthorized; signedOut != (r.right != RightPublic) {
				t.Errorf("nobody: %d %s", got.StatusCode, got.body)
			}
			for who, b := range browsers {
				got := b.do(r.method, path, body)
				denied := got.StatusCode == http.StatusForbidden && strings.Contains(string(got.body), "needs the right")
				may := r.right == RightPublic || slices.Contains(strings.Fields(allowed[who]), string(r.right))
				if denied == may {
					t.Errorf("%s: %d %s, right %s", who, got.StatusCode, got.body, r.right)
				}
				if got.StatusCode >= 500 {
					t.Errorf("%s: %d %s", who, got.StatusCode, got.body)
				}
			}
		})
	}
}
