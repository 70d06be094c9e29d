package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3bolt"

	"hotline/internal/blob"
	"hotline/internal/devstack"
	"hotline/recording"
)

// bucketEnv makes this program an S3 server on the address, with its data in the file of bucketFileEnv: a process of its
// own, which can be killed.
const (
	bucketEnv     = "HOTLINE_E2E_BUCKET"
	bucketFileEnv = "HOTLINE_E2E_BUCKET_FILE"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(bucketEnv); address != "" {
		fmt.Fprintln(os.Stderr, serveBucket(address, os.Getenv(bucketFileEnv)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func serveBucket(address, file string) error {
	backend, err := s3bolt.NewFile(file)
	if err != nil {
		return err
	}
	if there, err := backend.BucketExists("calls"); err != nil || !there {
		if err != nil {
			return err
		}
		if err := backend.CreateBucket("calls"); err != nil {
			return err
		}
	}
	server := http.Server{
		Addr: address, Handler: gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server(), ReadHeaderTimeout: 10 * time.Second,
	}
	return server.ListenAndServe()
}

// bucket is a store of sealed recordings that outlives its process.
type bucket struct {
	dir     string
	address string
}

func newBucket(t *testing.T) bucket {
	t.Helper()
	port, err := devstack.FreePort()
	must(t, err)
	return bucket{dir: t.TempDir(), address: port.String()}
}

// setting has recordings stored there.
func (b bucket) setting(settings map[string]any) {
	settings["recordings"].(map[string]any)["s3"] = inBucket("http://" + b.address)
}

// inBucket is the setting for the bucket of a server of tests.
func inBucket(endpoint string) map[string]any {
	return map[string]any{"endpoint": endpoint, "region": "tw", "bucket": "calls", "access_key": "hotline", "secret_key": "hush"}
}

// sealed is where the files of recordings lie.
func (s *stack) sealed() blob.Store {
	s.t.Helper()
	if s.bucket.address == "" {
		return blob.NewDir(recording.SealedDir(filepath.Join(s.dir, "recordings")))
	}
	store, err := blob.NewS3(blob.S3Config{Endpoint: "http://" + s.bucket.address, Region: "tw", Bucket: "calls", AccessKey: "hotline", SecretKey: "hush"})
	must(s.t, err)
	return store
}

// startBucket runs the server until the test ends, or until it is killed.
func (s *stack) startBucket() {
	s.t.Helper()
	b := s.bucket
	self, err := os.Executable()
	must(s.t, err)
	p, err := devstack.Launch(devstack.Spec{
		Name: "bucket",
		Command: func() *exec.Cmd {
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), bucketEnv+"="+b.address, bucketFileEnv+"="+filepath.Join(b.dir, "bucket.db"))
			return cmd
		},
		Ready: s.healthy("http://" + b.address + "/calls?list-type=2"),
	}, filepath.Join(s.dir, "bucket.log"), true)
	must(s.t, err)
	s.t.Cleanup(func() { _ = p.Stop() })
	must(s.t, p.AwaitReady(limit(s.t, time.Minute)))
	s.store = p
}
