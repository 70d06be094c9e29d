package pgtest

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestNothingIsLeftOfAKilledProgram runs this test again in a process that starts a cluster and then kills itself.
func TestNothingIsLeftOfAKilledProgram(t *testing.T) {
	const marker = "HOTLINE_TEST_KILL_IN"
	if os.Getenv(marker) != "" {
		if _, err := server(); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	// User postgres has to reach its folder in there.
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), marker+"=1", "TMPDIR="+dir, "HOTLINE_TEST_DSN=")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the program ended with %v: %s", err, out)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		left, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still there", filepath.Join(dir, left[0].Name()))
		}
		time.Sleep(50 * time.Millisecond)
	}
}
