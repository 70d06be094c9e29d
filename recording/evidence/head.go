package evidence

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Head is what the chain had come to, signed.
type Head struct {
	Seq       int64     `db:"seq" json:"seq"`
	Hash      string    `db:"hash" json:"hash"`
	At        time.Time `db:"at" json:"at"`
	Key       string    `db:"key" json:"key"` // KeyName of who signed
	Signature []byte    `db:"signature" json:"signature"`
}

// Encode is what is signed.
func (h Head) Encode() []byte {
	return fmt.Appendf(nil, "hotline recording chain head 1\nseq: %d\nhash: %s\nat: %s\nkey: %s\n", h.Seq, h.Hash, h.At.UTC().Format(stamp), h.Key)
}

// KeyName names a public key: the first 16 hex digits of its SHA-256.
func KeyName(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// SigningKey reads a private key as `openssl genpkey -algorithm ed25519` writes it.
func SigningKey(path string) (ed25519.PrivateKey, error) {
	der, err := readPEM(path, "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("read the signing key %s: %w", path, err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the signing key %s is no Ed25519 key; make one with: openssl genpkey -algorithm ed25519", path)
	}
	return private, nil
}

// PublicKey reads a public key as `openssl pkey -pubout` writes it.
func PublicKey(path string) (ed25519.PublicKey, error) {
	der, err := readPEM(path, "PUBLIC KEY")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("read the public key %s: %w", path, err)
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the public key %s is no Ed25519 key; make it with: openssl pkey -pubout", path)
	}
	return public, nil
}

func readPEM(path, kind string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key of the chain: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("the key of the chain %s holds no PEM block %q", path, kind)
	}
	return block.Bytes, nil
}

// Signer signs the chain's head, and keeps copies of what it signed.
type Signer struct {
	pool   *pgxpool.Pool
	config Config
	key    ed25519.PrivateKey
}

// NewSigner reads the key that the configuration names.
func NewSigner(pool *pgxpool.Pool, c Config) (*Signer, error) {
	if c.Key == "" {
		return nil, ErrNoKey
	}
	key, err := SigningKey(c.Key)
	if err != nil {
		return nil, err
	}
	return &Signer{pool: pool, config: c, key: key}, nil
}

// ErrNoKey means that no signing key is configured.
var ErrNoKey = errors.New("nothing signs the chain of recordings: set evidence.key to the file of an Ed25519 key (openssl genpkey -algorithm ed25519)")

// SignDue signs when there is something new and the last signature is old enough, and mends the copies.
func (s *Signer) SignDue(ctx context.Context) error {
	var last *time.Time
	if err := s.pool.QueryRow(ctx, `select max(at) from recording_heads`).Scan(&last); err != nil {
		return fmt.Errorf("look for the last signature of the chain: %w", err)
	}
	if last != nil && time.Since(*last) < s.config.signEvery() {
		return s.copyHeads(ctx)
	}
	_, err := s.Sign(ctx)
	return err
}

// Sign signs what the chain has come to and returns it. A chain without entries has nothing to sign: Seq is 0 then.
func (s *Signer) Sign(ctx context.Context) (Head, error) {
	h := Head{Key: KeyName(s.key.Public().(ed25519.PublicKey)), At: time.Now().UTC().Truncate(time.Microsecond)}
	err := s.pool.QueryRow(ctx, `select seq, hash from recording_chain order by seq desc limit 1`).Scan(&h.Seq, &h.Hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return Head{}, nil
	}
	if err != nil {
		return Head{}, fmt.Errorf("read the head of the chain: %w", err)
	}
	h.Signature = ed25519.Sign(s.key, h.Encode())
	if _, err := s.pool.Exec(ctx, `insert into recording_heads (seq, hash, at, key, signature) values ($1, $2, $3, $4, $5) on conflict do nothing`,
		h.Seq, h.Hash, h.At, h.Key, h.Signature); err != nil {
		return Head{}, fmt.Errorf("store the signed head of the chain: %w", err)
	}
	return h, s.copyHeads(ctx)
}

func (s *Signer) copyHeads(ctx context.Context) error {
	heads, err := headsOf(ctx, s.pool)
	if err != nil {
		return err
	}
	var faults error
	for _, folder := range s.config.Copies {
		faults = errors.Join(faults, appendHeads(folder, heads))
	}
	return faults
}

func headsOf(ctx context.Context, pool *pgxpool.Pool) ([]Head, error) {
	rows, err := pool.Query(ctx, `select seq, hash, at, key, signature from recording_heads order by seq, key`)
	if err != nil {
		return nil, fmt.Errorf("read the signed heads: %w", err)
	}
	heads, err := pgx.CollectRows(rows, pgx.RowToStructByName[Head])
	if err != nil {
		return nil, fmt.Errorf("read the signed heads: %w", err)
	}
	return heads, nil
}
