package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// registerPlain adds what is not the API: health, metrics and the app.
func (s *Server) registerPlain(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok\n") // A prober that is gone needs no answer.
	})
	mux.HandleFunc("GET /readyz", s.readyz)
	if s.Registry != nil {
		metrics := promhttp.HandlerFor(s.Registry, promhttp.HandlerOpts{})
		mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
			// Through a proxy that trusted_proxies doesn't name, everybody would come from this machine.
			strange := len(s.proxies) == 0 && r.Header.Get("X-Forwarded-For") != ""
			if strange || !within(s.address(r), s.metrics) {
				writeProblem(w, newProblem(http.StatusForbidden, "forbidden", "metrics_from doesn't name this address"))
				return
			}
			metrics.ServeHTTP(w, r)
		})
	}
	s.registerLinks(mux)
	mux.HandleFunc(prefix+"/", func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, notFound("route")) })
	mux.Handle("/", newApp(s.UI))
}

// readiness is the answer of /readyz.
type readiness struct {
	OK     bool          `json:"ok"`
	Checks []checkResult `json:"checks"`
}

type checkResult struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

const checkTime = time.Second

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), checkTime)
	defer cancel()
	out := readiness{OK: true, Checks: make([]checkResult, len(s.Checks))}
	var running sync.WaitGroup
	for i, c := range s.Checks {
		running.Go(func() {
			out.Checks[i] = checkResult{Name: c.Name, OK: true}
			if err := c.Ready(ctx); err != nil {
				out.Checks[i] = checkResult{Name: c.Name, Detail: err.Error()}
			}
		})
	}
	running.Wait()
	status := http.StatusOK
	for _, c := range out.Checks {
		if !c.OK {
			out.OK, status = false, http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // A prober that is gone needs no answer.
}

// app serves the built app. What has no file is a page of the app, which shows it by its own routes.
type app struct {
	files fs.FS

	mu     sync.Mutex
	zipped map[string][]byte // text files, compressed once
}

func newApp(files fs.FS) *app { return &app{files: files, zipped: map[string][]byte{}} }

const unbuilt = `<!doctype html>
<html lang="zh-Hant"><meta charset="utf-8"><title>Hotline</title>
<h1>Hotline</h1>
<p>網頁介面尚未建置。請在專案資料夾執行 <code>make ui</code>，再重新建置 <code>make build</code>。</p>
<p lang="en">The web interface has not been built. Run <code>make ui</code>, then <code>make build</code>.</p>
</html>
`

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		writeProblem(w, newProblem(http.StatusMethodNotAllowed, "bad_request", "the app is only read"))
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	data, ok := a.read(name)
	if !ok && (path.Ext(name) == "" || strings.Contains(r.Header.Get("Accept"), "text/html")) {
		name = "index.html"
		data, ok = a.read(name)
		if !ok {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			_, _ = io.WriteString(w, unbuilt) // A browser that is gone needs no answer.
			return
		}
	}
	if !ok {
		writeProblem(w, notFound("file"))
		return
	}
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // Their names have a hash of the content.
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
		if zipped := a.zip(name, kind, data); zipped != nil {
			w.Header().Set("Content-Encoding", "gzip")
			data = zipped
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func (a *app) read(name string) ([]byte, bool) {
	if a.files == nil || name == "" || !fs.ValidPath(name) {
		return nil, false
	}
	data, err := fs.ReadFile(a.files, name)
	return data, err == nil
}

// zip returns the compressed file, or nil where that is not worth it.
func (a *app) zip(name, kind string, data []byte) []byte {
	base, _, _ := strings.Cut(kind, ";")
	switch {
	case len(data) < 1024:
		return nil
	case strings.HasPrefix(base, "text/"), base == "application/json", base == "application/javascript", base == "image/svg+xml", base == "application/wasm":
	default:
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if z, ok := a.zipped[name]; ok {
		return z
	}
	var out bytes.Buffer
	zw, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = zw.Write(data)
	}
	if err == nil {
		err = zw.Close()
	}
	if err != nil {
		return nil // A bytes.Buffer fails at nothing; the plain file is right in any case.
	}
	a.zipped[name] = out.Bytes()
	return out.Bytes()
}
