package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Config names a bucket. Without a bucket there is none.
type S3Config struct {
	Endpoint      string `yaml:"endpoint"` // URL of the server
	Region        string `yaml:"region"`
	Bucket        string `yaml:"bucket"`
	Prefix        string `yaml:"prefix"` // before each name
	AccessKey     string `yaml:"access_key"`
	SecretKeyFile string `yaml:"secret_key_file"`
	SecretKey     string `yaml:"secret_key"` // for the environment
}

// Check returns every fault of the configuration, in words for the operator.
func (c S3Config) Check() []string {
	if c == (S3Config{}) {
		return nil
	}
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if u, err := url.Parse(c.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
		fault("s3.endpoint: %q is no address of a server; write e.g. https://s3.example.com", c.Endpoint)
	}
	if c.Bucket == "" {
		fault("s3.bucket: is missing; name the bucket, which must exist")
	}
	if c.Prefix != "" && checkName(strings.TrimSuffix(c.Prefix, "/")) != nil {
		fault("s3.prefix: %q is no relative path; write e.g. hotline/", c.Prefix)
	}
	if c.AccessKey == "" {
		fault("s3.access_key: is missing")
	}
	if (c.SecretKey == "") == (c.SecretKeyFile == "") {
		fault("s3.secret_key_file: name the file that holds the secret key (or give s3.secret_key, and not both)")
	}
	return faults
}

// S3 is a Store in a bucket.
type S3 struct {
	client *minio.Core
	bucket string
	prefix string
}

const (
	// partSize is how much of a file is sent at once. One file may have 10,000 parts: 80 GB.
	partSize = 8 << 20
	// window is how much is fetched at once: half a minute of sound, so that a reader waits seldom.
	window = 512 << 10
	// fetchTime is how long one window may take.
	fetchTime = 30 * time.Second
)

// NewS3 prepares to use the bucket. It does not speak to the server yet.
func NewS3(c S3Config) (*S3, error) {
	secret := c.SecretKey
	if c.SecretKeyFile != "" {
		data, err := os.ReadFile(c.SecretKeyFile)
		if err != nil {
			return nil, fmt.Errorf("read the secret key of the S3 server: %w", err)
		}
		secret = strings.TrimSpace(string(data))
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("address of the S3 server: %w", err)
	}
	client, err := minio.NewCore(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(c.AccessKey, secret, ""), Secure: u.Scheme == "https", Region: c.Region,
		BucketLookup: minio.BucketLookupAuto, MaxRetries: 3,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare to use the S3 server %s: %w", c.Endpoint, err)
	}
	prefix := c.Prefix
	if prefix != "" {
		prefix = strings.TrimSuffix(prefix, "/") + "/"
	}
	return &S3{client: client, bucket: c.Bucket, prefix: prefix}, nil
}

// Put is Store's. The server checks the hash of each part, and gives the file its name when all are there.
func (s *S3) Put(ctx context.Context, name string, r io.Reader) (Sum, error) {
	if err := checkName(name); err != nil {
		return Sum{}, err
	}
	in := newSummer(r)
	sent, err := s.client.Client.PutObject(ctx, s.bucket, s.prefix+name, in, -1, minio.PutObjectOptions{
		ContentType: "application/octet-stream", PartSize: partSize,
		SendContentMd5: true, DisableContentSha256: true, // The signed MD5 stands for the part; one hash is enough.
	})
	if err != nil {
		return Sum{}, fmt.Errorf("put %s into the bucket %s: %w", name, s.bucket, err)
	}
	sum := in.sum()
	if sent.Size != sum.Size {
		return Sum{}, fmt.Errorf("put %s into the bucket %s: %d of %d bytes were sent", name, s.bucket, sent.Size, sum.Size)
	}
	return sum, nil
}

// Open is Store's.
func (s *S3) Open(ctx context.Context, name string) (File, error) {
	size, err := s.Size(ctx, name)
	if err != nil {
		return nil, err
	}
	return &s3File{store: s, name: name, size: size, from: -1}, nil
}

// Size is Store's.
func (s *S3) Size(ctx context.Context, name string) (int64, error) {
	if err := checkName(name); err != nil {
		return 0, err
	}
	info, err := s.client.Client.StatObject(ctx, s.bucket, s.prefix+name, minio.StatObjectOptions{})
	if isMissing(err) {
		// The server says as much of a bucket that is missing.
		there, lookErr := s.client.BucketExists(ctx, s.bucket)
		if lookErr == nil && there {
			return 0, fmt.Errorf("open %s in the bucket %s: %w", name, s.bucket, ErrNotFound)
		}
		return 0, errors.Join(fmt.Errorf("open %s: there is no bucket %s; make it, or correct recordings.s3.bucket", name, s.bucket), lookErr)
	}
	if err != nil {
		return 0, fmt.Errorf("open %s in the bucket %s: %w", name, s.bucket, err)
	}
	return info.Size, nil
}

func isMissing(err error) bool {
	answer, ok := errors.AsType[minio.ErrorResponse](err)
	return ok && answer.StatusCode == http.StatusNotFound
}

// Delete is Store's.
func (s *S3) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	err := s.client.Client.RemoveObject(ctx, s.bucket, s.prefix+name, minio.RemoveObjectOptions{})
	if err != nil && !isMissing(err) {
		return fmt.Errorf("delete %s from the bucket %s: %w", name, s.bucket, err)
	}
	return nil
}

// List is Store's.
func (s *S3) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for o := range s.client.Client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}) {
			if o.Err != nil {
				yield(Info{}, fmt.Errorf("list the bucket %s: %w", s.bucket, o.Err))
				return
			}
			if !yield(Info{Name: strings.TrimPrefix(o.Key, s.prefix), Size: o.Size, Modified: o.LastModified}, nil) {
				return
			}
		}
	}
}

// s3File reads in windows, since whoever plays a recording reads on from where they were.
type s3File struct {
	store *S3
	name  string
	size  int64

	mu   sync.Mutex
	from int64 // where the window begins; -1 before the first
	data []byte
}

func (f *s3File) Size() int64 { return f.size }

func (f *s3File) Close() error { return nil }

func (f *s3File) ReadAt(p []byte, off int64) (n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n < len(p) {
		at := off + int64(n)
		if at >= f.size {
			return n, io.EOF
		}
		if f.from < 0 || at < f.from || at >= f.from+int64(len(f.data)) {
			if err := f.fetch(at); err != nil {
				return n, err
			}
		}
		n += copy(p[n:], f.data[at-f.from:])
	}
	return n, nil
}

func (f *s3File) fetch(at int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTime)
	defer cancel()
	want := min(window, f.size-at)
	opts := minio.GetObjectOptions{}
	if err := opts.SetRange(at, at+want-1); err != nil {
		return fmt.Errorf("read %s from the bucket %s: %w", f.name, f.store.bucket, err)
	}
	body, _, _, err := f.store.client.GetObject(ctx, f.store.bucket, f.store.prefix+f.name, opts)
	if err != nil {
		return fmt.Errorf("read %s from the bucket %s: %w", f.name, f.store.bucket, err)
	}
	data := make([]byte, want)
	_, err = io.ReadFull(body, data)
	if err := errors.Join(err, body.Close()); err != nil {
		return fmt.Errorf("read %s from the bucket %s: %w", f.name, f.store.bucket, err)
	}
	f.from, f.data = at, data
	return nil
}
