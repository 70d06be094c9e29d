package evidence

import (
	"crypto/ed25519"
	"fmt"
	"path/filepath"
	"time"
)

// Config says who signs the chain, and where copies of the signed heads are kept.
type Config struct {
	// Key is the file of the Ed25519 private key (PEM, PKCS #8), outside the database and the recordings. Only the
	// worker needs to read it.
	Key string `yaml:"key"`
	// Trusted are files of public keys whose signatures count: keys used before, and the key in use where the private
	// one is not to be read.
	Trusted []string `yaml:"trusted"`
	// Copies are folders, best on other machines, to which every signed head is appended.
	Copies []string `yaml:"copies"`
	// SignEvery is how often the head is signed when there is something new; 0 means 24 h.
	SignEvery time.Duration `yaml:"sign_every"`
	// KeepDays is for how long a recording is kept of which no retention rule speaks; 0 means for ever.
	KeepDays int `yaml:"keep_days"`
}

const defaultSignEvery = 24 * time.Hour

func (c Config) signEvery() time.Duration {
	if c.SignEvery == 0 {
		return defaultSignEvery
	}
	return c.SignEvery
}

// Check returns every fault of the configuration, in words for the operator.
func (c Config) Check() []string {
	var faults []string
	absolute := func(field, path string) {
		if !filepath.IsAbs(path) {
			faults = append(faults, fmt.Sprintf("%s: %q is no absolute path", field, path))
		}
	}
	if c.Key != "" {
		absolute("key", c.Key)
	}
	for _, path := range c.Trusted {
		absolute("trusted", path)
	}
	for _, path := range c.Copies {
		absolute("copies", path)
	}
	if c.SignEvery < 0 || c.SignEvery > 0 && c.SignEvery < time.Minute || c.SignEvery > 7*24*time.Hour {
		faults = append(faults, fmt.Sprintf("sign_every: %s; give 1m to 168h, or leave it out for %s", c.SignEvery, defaultSignEvery))
	}
	if c.KeepDays < 0 || c.KeepDays > 36500 {
		faults = append(faults, fmt.Sprintf("keep_days: %d; give 1 to 36500, or leave it out to keep recordings for ever", c.KeepDays))
	}
	return faults
}

// keys are the public keys whose signatures count, by name.
func (c Config) keys() (map[string]ed25519.PublicKey, error) {
	keys := map[string]ed25519.PublicKey{}
	for _, path := range c.Trusted {
		key, err := PublicKey(path)
		if err != nil {
			return nil, err
		}
		keys[KeyName(key)] = key
	}
	if c.Key != "" {
		private, err := SigningKey(c.Key)
		if err != nil {
			return nil, err
		}
		key := private.Public().(ed25519.PublicKey)
		keys[KeyName(key)] = key
	}
	return keys, nil
}
