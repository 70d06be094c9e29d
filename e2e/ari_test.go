package e2e

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"hotline/internal/devstack"
)

// The scenarios of the ARI client hold on a real Asterisk, and so does what its package says of Asterisk's traps.
func TestTheARIClientOnARealAsterisk(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o755)) // Asterisk runs as another user
	a, err := devstack.StartAsterisk(limit(t, 2*time.Minute), filepath.Join(dir, "asterisk"), devstack.AsteriskOptions{RTPPorts: 200})
	must(t, err)
	t.Cleanup(func() { _ = a.Stop(); _ = a.Clean() })
	at, err := url.Parse(a.URL())
	must(t, err)
	at.User = url.UserPassword(a.User, a.Password)
	test := exec.CommandContext(limit(t, 4*time.Minute), "go", "test", "-count=1", "-run", "Real", "../internal/asterisk")
	test.Env = append(os.Environ(), "HOTLINE_TEST_ARI="+at.String())
	out, err := test.CombinedOutput()
	t.Logf("%s", out)
	must(t, err)
}
