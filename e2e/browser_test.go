package e2e

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"hotline/internal/demo/voices"
	"hotline/internal/sipphone"
)

// chromium is a browser whose microphone hears a file, signed in to nothing yet.
type chromium struct {
	t   *testing.T
	ctx context.Context
}

// newChromium starts a browser; microphone is what it hears, over and over.
func newChromium(t *testing.T, microphone []int16) *chromium {
	t.Helper()
	dir := t.TempDir()
	wav := filepath.Join(dir, "microphone.wav")
	must(t, os.WriteFile(wav, wavFile(microphone), 0o644))
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.UserDataDir(filepath.Join(dir, "profile")), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-audio-capture", wav), chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.Flag("disable-features", "WebRtcHideLocalIpsWithMdns"), chromedp.WindowSize(1280, 720))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	must(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	return &chromium{t: t, ctx: ctx}
}

// wavFile makes a RIFF file of 8 kHz mono samples.
func wavFile(samples []int16) []byte {
	data := make([]byte, 44, 44+2*len(samples))
	copy(data, "RIFF....WAVEfmt ")
	le := binary.LittleEndian
	le.PutUint32(data[4:], uint32(36+2*len(samples)))
	le.PutUint32(data[16:], 16)
	le.PutUint16(data[20:], 1)
	le.PutUint16(data[22:], 1)
	le.PutUint32(data[24:], 8000)
	le.PutUint32(data[28:], 16000)
	le.PutUint16(data[32:], 2)
	le.PutUint16(data[34:], 16)
	copy(data[36:], "data")
	le.PutUint32(data[40:], uint32(2*len(samples)))
	for _, s := range samples {
		data = le.AppendUint16(data, uint16(s))
	}
	return data
}

// do runs browser actions within a limit.
func (c *chromium) do(what string, within time.Duration, actions ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, within)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		c.shot("failed")
		c.t.Fatalf("%s: %v", what, err)
	}
}

// shot keeps a picture of the page beside the logs of a failed test.
func (c *chromium) shot(name string) {
	ctx, cancel := context.WithTimeout(c.ctx, 10*time.Second)
	defer cancel()
	dir := os.Getenv("HOTLINE_E2E_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		c.t.Log(err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, c.t.Name()+"-"+name+".png"), png, 0o644); err != nil {
		c.t.Log(err)
	}
}

// byTest selects an element by its data-testid.
func byTest(test string) chromedp.CSS { return chromedp.CSS(fmt.Sprintf(`[data-testid="%s"]`, test)) }

// signIn goes through the sign-in page.
func (c *chromium) signIn(base string, l login) {
	c.t.Helper()
	// The echo canceller and the noise filter of the browser would change what is compared.
	c.do("open the site", 30*time.Second, chromedp.Navigate(base+"/"), chromedp.WaitVisible(byTest("login")))
	eval[any](c, `localStorage.setItem("hotline.phone", '{"processing":false}')`)
	c.do("sign in", 30*time.Second, chromedp.Navigate(base+"/"),
		chromedp.WaitVisible(byTest("login")), chromedp.SendKeys(byTest("login"), l.Login), chromedp.SendKeys(byTest("password"), l.Password),
		chromedp.Click(byTest("sign-in")), chromedp.WaitNotPresent(byTest("sign-in")))
}

// state waits until the call bar shows the state.
func (c *chromium) state(state string, within time.Duration) {
	c.t.Helper()
	c.do("the call bar shows "+state, within, chromedp.WaitVisible(byTest("agent-state")+chromedp.CSS(fmt.Sprintf(`[data-state="%s"]`, state))))
}

// eval runs a script and gives its value.
func eval[T any](c *chromium, script string) T {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, 20*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	must(c.t, err)
	return v
}

// text is what an element says.
func (c *chromium) text(test string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, 10*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Text(byTest(test)))
	must(c.t, err)
	return v
}

// listen makes the page keep what its loudspeaker plays from now on, at 8 kHz. After a new connection it is to be run again.
const listen = `(() => {
	const el = document.getElementById("remote-audio");
	const ctx = new AudioContext({ sampleRate: 8000 });
	const src = ctx.createMediaStreamSource(el.srcObject);
	const tap = ctx.createScriptProcessor(256, 1, 1);
	if (window.__tap) window.__tap.onaudioprocess = null;
	window.__tap = tap;
	window.__heard = [];
	window.__loud = window.__answered = 0;
	addEventListener("keydown", (e) => { if (e.key === "F2") window.__answered = Date.now(); }, true);
	tap.onaudioprocess = (e) => {
		let loud = 0;
		for (const v of e.inputBuffer.getChannelData(0)) { window.__heard.push(Math.round(v * 32767)); loud = Math.max(loud, Math.abs(v)); }
		if (window.__answered && !window.__loud && loud > 0.02) window.__loud = Date.now();
	};
	src.connect(tap); tap.connect(ctx.destination);
	return ctx.state;
})()`

// heard is what the page has played since listen.
func (c *chromium) heard() []int16 {
	c.t.Helper()
	raw := eval[string](c, `(() => { const b = new Uint8Array(new Int16Array(window.__heard).buffer); let s = ""; for (let i = 0; i < b.length; i += 4096) s += String.fromCharCode(...b.subarray(i, i + 4096)); return btoa(s); })()`)
	b, err := base64.StdEncoding.DecodeString(raw)
	must(c.t, err)
	out := make([]int16, len(b)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return out
}

// spoken is natural speech of the demo's agent: what a browser's noise suppression lets through.
func spoken(n int) []int16 {
	u := voices.Agent()[n]
	return u.Samples
}

func TestAnAgentInChromiumTakesACall(t *testing.T) {
	s := newStack(t, nil)
	hello := spoken(0)
	c := newChromium(t, append(append([]int16{}, hello...), make([]int16, 8000)...))
	c.signIn(s.base, s.logins["yijun"])
	c.state("not_ready", 20*time.Second)
	c.do("ready", 20*time.Second, chromedp.WaitEnabled(byTest("ready")), chromedp.Click(byTest("ready")))
	c.state("ready", 10*time.Second)

	customer, name, from := s.customer()
	call := s.dial(from)
	s.heard("the welcome", call.Heard, s.prompt("zh-TW", welcome), 0.9, 15*time.Second)
	eval[string](c, listen)
	s.heard("the menu", call.Heard, s.prompt("zh-TW", menu)[:8000], 0.9, 25*time.Second)
	call.Press("1")
	call.Say(voice(3, time.Minute)) // somebody who cannot wait, so that there is something to hear at once
	c.state("ringing", 30*time.Second)
	if shown := c.text("pop-name"); shown != name {
		t.Errorf("the pop shows %q, want %q", shown, name)
	}
	if n := eval[int](c, `document.querySelectorAll('[data-testid="pop-contacts"] li, [data-testid="pop-contacts"] [role="listitem"]').length`); n != 3 {
		t.Errorf("the pop shows %d contacts, want the last 3", n)
	}
	c.shot("ringing")
	c.do("answer by keyboard", 5*time.Second, chromedp.KeyEvent(kb.F2))
	c.state("talking", 5*time.Second)
	eventually(t, 5*time.Second, "the caller is heard", func() error {
		first := eval[float64](c, `window.__loud - window.__answered`)
		if first <= 0 {
			return fmt.Errorf("first sound %.0f ms after the key", first)
		}
		t.Logf("first sound %.0f ms after the agent pressed the key", first)
		if first > 300 {
			t.Errorf("the agent heard nothing for %.0f ms after the answer", first)
		}
		return nil
	})
	call.Hush()
	s.heard("the agent's voice", call.Heard, hello, 0.8, 30*time.Second)
	problem := voices.Conversations()[0].Utterances[0].Samples
	call.Say(problem)
	eventually(t, 20*time.Second, "the caller is heard in the browser", func() error {
		if r, _ := sipphone.Match(c.heard(), problem); r < 0.8 {
			return fmt.Errorf("correlation %.2f", r)
		}
		return nil
	})

	// The page dies in the middle of the talk and comes back to it.
	before := len(call.Heard())
	reloaded := time.Now()
	c.do("reload", 20*time.Second, chromedp.Reload())
	c.state("talking", 5*time.Second)
	s.heard("the agent after the reload", func() []sipphone.Packet { return call.HeardSince(before + 50) }, hello, 0.8, 30*time.Second)
	if back := firstAfter(call.HeardSince(before), reloaded.Add(500*time.Millisecond)); back > 5*time.Second+time.Duration(len(hello))*time.Second/8000 {
		t.Errorf("the caller heard the agent again %s after the reload", back)
	}
	c.shot("talking")

	c.do("end by keyboard", 5*time.Second, chromedp.KeyEvent(kb.F4))
	c.state("wrap_up", 10*time.Second)
	c.do("disposition", 10*time.Second, chromedp.SendKeys(byTest("note"), "換貨，已安排"), chromedp.Click(byTest("disposition-"+s.disposition())), chromedp.Click(byTest("dispose")))
	c.state("ready", 10*time.Second)
	s.survey(call, "5", "9#")
	s.checkRows(customer, map[string]int{"satisfaction": 5, "recommendation": 9})
	s.checkRecording(hello, problem, 0.7)
	s.checkPlayer(c)
}

// checkPlayer finds the recording in the list and plays it.
func (s *stack) checkPlayer(c *chromium) {
	t := s.t
	t.Helper()
	var leg string
	ctx := limit(t, 30*time.Second)
	eventually(t, 30*time.Second, "the recording is finished", func() error {
		return s.db.QueryRow(ctx, `select leg from recordings where state in ('finished', 'stored') and call_id like 'hl1-%' order by created_at desc limit 1`).Scan(&leg)
	})
	c.do("the player", 20*time.Second, chromedp.Navigate(s.base+"/recordings/"+leg), chromedp.WaitVisible(byTest("recording-player")))
	var playing struct {
		Duration float64 `json:"duration"`
		Error    string  `json:"error"`
	}
	eventually(t, 20*time.Second, "the recording can be played", func() error {
		raw := eval[string](c, `(() => { const a = document.querySelector("audio:not(#remote-audio)"); if (!a) return "{}"; a.play().catch(() => {}); return JSON.stringify({duration: a.duration || 0, error: a.error ? a.error.message : ""}); })()`)
		if err := json.Unmarshal([]byte(raw), &playing); err != nil {
			return err
		}
		if playing.Duration < 5 || playing.Error != "" {
			return fmt.Errorf("%+v", playing)
		}
		return nil
	})
	c.shot("player")
}
