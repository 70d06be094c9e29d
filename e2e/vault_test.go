package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"hotline/internal/sipphone"
)

// slowBucket is an S3 server that holds up what is uploaded until it is let.
type slowBucket struct {
	backend *s3mem.Backend
	began   chan struct{} // closed when the upload of a real call has begun
	goOn    chan struct{}
	once    sync.Once
}

func newSlowBucket(t *testing.T) (*slowBucket, string) {
	t.Helper()
	b := &slowBucket{backend: s3mem.New(), began: make(chan struct{}), goOn: make(chan struct{})}
	must(t, b.backend.CreateBucket("calls"))
	inner := gofakes3.New(b.backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/hl1-") {
			b.once.Do(func() { close(b.began) })
			select {
			case <-b.goOn:
			case <-r.Context().Done():
			}
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return b, server.URL
}

// A real call is sealed into a bucket, though the worker is killed while it uploads it; nothing of it can be read from disk
// or bucket, and the browser plays it.
func TestASealedRecordingSurvivesItsWorkerAndIsPlayed(t *testing.T) {
	bucket, address := newSlowBucket(t)
	s := newStack(t, func(settings map[string]any) {
		settings["recordings"].(map[string]any)["s3"] = inBucket(address)
	})
	agent := s.agent("yijun")
	_, _, from := s.customer()
	call := s.dial(from)
	s.heard("the menu", call.Heard, s.prompt("zh-TW", menu)[:8000], 0.9, 30*time.Second)
	call.Press("1")
	s.answer(agent)
	hello, problem := voice(1, 4*time.Second), voice(2, 4*time.Second)
	agent.Say(hello)
	call.Say(problem)
	s.heard("the agent, by the caller", call.Heard, hello, 0.8, 15*time.Second)
	s.heard("the caller, by the agent", agent.Heard, problem, 0.8, 15*time.Second)
	must(t, agent.Do(limit(t, 20*time.Second), "hang_up", map[string]any{"leg": agent.View().Call.Leg}))

	select {
	case <-bucket.began:
	case <-time.After(time.Minute):
		t.Fatal("nothing was uploaded")
	}
	must(t, s.worker.Kill())
	<-s.worker.Done()
	leg := s.state("finished")
	close(bucket.goOn)
	s.worker = s.start("worker")
	eventually(t, time.Minute, "the recording is stored", func() error {
		_, err := s.stateOf(leg, "stored")
		return err
	})
	s.checkSealed(bucket, leg)
	s.checkHeard(leg, hello, problem)
	s.checkJumps(leg)
}

// state waits for the newest call's recording to be in the state.
func (s *stack) state(want string) (leg string) {
	s.t.Helper()
	eventually(s.t, 20*time.Second, "the recording is "+want, func() (err error) {
		leg, err = s.stateOf("", want)
		return err
	})
	return leg
}

func (s *stack) stateOf(leg, want string) (found string, err error) {
	var state string
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err = s.db.QueryRow(ctx, `select leg, state from recordings where call_id like 'hl1-%' and $1 in ('', leg) order by created_at desc limit 1`, leg).Scan(&found, &state)
	if err == nil && state != want {
		err = fmt.Errorf("it is %s", state)
	}
	return found, err
}

// checkSealed looks for anything of the call in the recordings folder, and for plain sound in the bucket.
func (s *stack) checkSealed(bucket *slowBucket, leg string) {
	t := s.t
	t.Helper()
	eventually(t, 20*time.Second, "the plain file is gone", func() error {
		return filepath.WalkDir(filepath.Join(s.dir, "recordings"), func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && strings.HasPrefix(e.Name(), leg+".") {
				return fmt.Errorf("there is %s", path)
			}
			return err
		})
	})
	list, err := bucket.backend.ListBucket("calls", &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
	must(t, err)
	copies := 0
	for _, o := range list.Contents {
		object, err := bucket.backend.GetObject("calls", o.Key, nil)
		must(t, err)
		var data bytes.Buffer
		_, err = data.ReadFrom(object.Contents)
		must(t, err)
		must(t, object.Contents.Close())
		if bytes.Contains(data.Bytes(), []byte("fLaC")) || !bytes.HasPrefix(data.Bytes(), []byte("age-encryption.org/v1\n-> hotline-kept-key ")) {
			t.Errorf("%s is not sealed", o.Key)
		}
		if strings.Contains(o.Key, leg) {
			copies++
		}
	}
	if copies != 1 {
		t.Errorf("the bucket has %d files of the recording: %+v", copies, list.Contents)
	}
}

// checkHeard downloads the recording as a supervisor does, and finds both voices in it.
func (s *stack) checkHeard(leg string, agent, caller []int16) {
	t := s.t
	t.Helper()
	c := newChromium(t, make([]int16, 8000))
	c.signIn(s.base, s.logins["huiwen"])
	raw := evalPromise(c, fmt.Sprintf(`fetch("/api/v1/recordings/%s/download").then(async (r) => {
		const bytes = new Uint8Array(await r.arrayBuffer());
		let text = "";
		for (const b of bytes) text += String.fromCharCode(b);
		return JSON.stringify({status: r.status, name: r.headers.get("Content-Disposition"), data: btoa(text)});
	})`, leg))
	var got struct {
		Status int    `json:"status"`
		Name   string `json:"name"`
		Data   []byte `json:"data"`
	}
	must(t, json.Unmarshal([]byte(raw), &got))
	if got.Status != http.StatusOK || !strings.Contains(got.Name, leg+"_huiwen_") || !bytes.Contains(got.Data, []byte("(huiwen)")) {
		t.Fatalf("the download: %d %s", got.Status, got.Name)
	}
	left, right, err := channels(bytes.NewReader(got.Data))
	must(t, err)
	for name, side := range map[string]struct{ got, want []int16 }{"caller": {left, caller}, "agent": {right, agent}} {
		if r, _ := sipphone.Match(side.got, side.want); r < 0.8 {
			t.Errorf("%s: correlation %.2f with what was said", name, r)
		}
	}
}

// checkJumps plays in the browser, jumps, and uses the player's keys: speed with the pitch kept, skipping, and a comment.
func (s *stack) checkJumps(leg string) {
	t := s.t
	t.Helper()
	c := newChromium(t, make([]int16, 8000))
	c.signIn(s.base, s.logins["huiwen"])
	c.do("the player", 30*time.Second, chromedp.Navigate(s.base+"/recordings/"+leg), chromedp.WaitVisible(byTest("comments")))
	var at struct {
		Time   float64 `json:"time"`
		Speed  float64 `json:"speed"`
		Pitch  bool    `json:"pitch"`
		Error  string  `json:"error"`
		Paused bool    `json:"paused"`
	}
	look := func() error {
		raw := eval[string](c, `(() => { const a = document.querySelector("audio:not(#remote-audio)");
			return JSON.stringify({time: a.currentTime, speed: a.playbackRate, pitch: a.preservesPitch, paused: a.paused, error: a.error ? a.error.message : ""}); })()`)
		return json.Unmarshal([]byte(raw), &at)
	}
	c.do("play by keyboard", 10*time.Second, chromedp.KeyEvent(" "))
	eventually(t, 20*time.Second, "it plays", func() error {
		if err := look(); err != nil {
			return err
		}
		if at.Paused || at.Time < 0.2 || at.Error != "" {
			return fmt.Errorf("%+v", at)
		}
		return nil
	})
	c.do("faster by keyboard", 10*time.Second, chromedp.KeyEvent("]"), chromedp.KeyEvent("]"))
	must(t, look())
	if at.Speed != 1.5 || !at.Pitch {
		t.Errorf("faster: %+v", at)
	}
	c.do("pause", 10*time.Second, chromedp.KeyEvent(" "))
	// A key of the debugger would be typed as well, though the page takes it.
	eval[bool](c, `document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "c", bubbles: true}))`)
	c.do("comment", 10*time.Second, chromedp.WaitVisible(byTest("comment-body")), chromedp.SendKeys(byTest("comment-body"), "這裡可以先道歉"))
	c.do("save", 10*time.Second, chromedp.Click(chromedp.CSS(`[data-testid=comments] button[type=submit]`)), chromedp.WaitVisible(chromedp.CSS(".comment")))
	must(t, look())
	var body string
	var pinned float64
	must(t, s.db.QueryRow(limit(t, 5*time.Second), `select body, at_ms / 1000.0 from recording_comments where leg = $1`, leg).Scan(&body, &pinned))
	if body != "這裡可以先道歉" || pinned > at.Time+0.1 || pinned < at.Time-2 {
		t.Errorf("comment %q at %.2f, the player at %.2f", body, pinned, at.Time)
	}
	c.shot("player-comments")
	if n := s.looks("play_recording", "recording:"+leg); n != 1 {
		t.Errorf("%d playbacks in the access log, want 1", n)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "recordings", "sealed")); err == nil {
		t.Error("something was sealed into the folder, though there is a bucket")
	}
}
