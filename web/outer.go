package web

import (
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
)

// contentPolicy allows what the app needs: its own files; Mantine's inline styles (its scripts stay out); waveforms and
// notification sounds that it makes itself; and sound from the recordings.
const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; media-src 'self' blob: data:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// outer is what every request passes first.
func (s *Server) outer(next http.Handler) http.Handler {
	// The session cookie is SameSite=Lax besides; this also covers browsers' subdomains and forms.
	csrf := http.NewCrossOriginProtection()
	if s.Config.PublicURL != "" {
		// A proxy may change Host, which the check compares with Origin when Sec-Fetch-Site is missing.
		if u, err := url.Parse(s.Config.PublicURL); err == nil {
			if err := csrf.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
				s.log.Warn("trust the public address", "error", err)
			}
		}
	}
	csrf.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusForbidden, "bad_origin", "comes from another site"))
	}))
	inner := csrf.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(p) // The way to break a connection off; net/http says nothing of it.
				}
				s.log.Error("handler panicked", "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				writeProblem(w, newProblem(http.StatusInternalServerError, "internal", ""))
			}
		}()
		s.headers(w.Header())
		if p := checkBody(r); p != nil {
			writeProblem(w, p)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limitOf(r)+1)
		inner.ServeHTTP(w, r)
	})
}

func (s *Server) headers(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=(), payment=()")
	if s.Config.secure() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// limitOf is the most that a body may have before its route is known, which has a limit of its own.
func limitOf(r *http.Request) int64 {
	switch {
	case strings.HasPrefix(r.URL.Path, prefix+"/flows/"):
		return flowLimit
	case strings.HasPrefix(r.URL.Path, linkPath):
		return linkLimit
	}
	return bodyLimit
}

// checkBody lets JSON pass and nothing else: a form of another site can't send it. The pages of links have forms of their own,
// and no session that another site could use.
func checkBody(r *http.Request) *Problem {
	if strings.HasPrefix(r.URL.Path, linkPath) && r.ContentLength <= linkLimit {
		return nil
	}
	if r.ContentLength == 0 || r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if limit := limitOf(r); r.ContentLength > limit {
		return newProblem(http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("at most %d bytes", limit))
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return newProblem(http.StatusUnsupportedMediaType, "unsupported_media", "send application/json")
	}
	return nil
}

// address is the browser's address: the peer's, or the one that a trusted proxy names.
func (s *Server) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if len(s.proxies) == 0 || !within(host, s.proxies) {
		return host
	}
	// The last address that no trusted proxy vouches for by having the next one; anything before it is hearsay.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			return host
		}
		if host = hop; !within(hop, s.proxies) {
			return host
		}
	}
	return host
}

func within(host string, networks []netip.Prefix) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, n := range networks {
		if n.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
