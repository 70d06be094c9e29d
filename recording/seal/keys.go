package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// Config names the master keys. The first seals; the others open what they sealed before.
type Config struct {
	KeyFiles []string `yaml:"key_files"` // each with one key or more, as age-keygen writes them
	Keys     string   `yaml:"keys"`      // keys themselves, apart by spaces; for the environment
}

// Check returns every fault of the configuration, in words for the operator.
func (c Config) Check() []string {
	if len(c.KeyFiles) == 0 && strings.TrimSpace(c.Keys) == "" {
		return []string{"key_files: is missing; make a master key with: hotline recordings key FILE, keep a copy of it elsewhere, and name it here"}
	}
	if _, err := Load(c); err != nil {
		field := "key_files"
		if len(c.KeyFiles) == 0 {
			field = "keys"
		}
		return []string{field + ": " + err.Error()}
	}
	return nil
}

// Load reads the master keys. Those of Keys come before those of files.
func Load(c Config) (*Keys, error) {
	k := &Keys{}
	for _, text := range strings.Fields(c.Keys) {
		m, err := age.ParseX25519Identity(text)
		if err != nil {
			return nil, errors.New("one of the keys is no master key; it begins with AGE-SECRET-KEY-1") // never show it
		}
		k.masters = append(k.masters, m)
	}
	for _, path := range c.KeyFiles {
		more, err := readKeyFile(path)
		if err != nil {
			return nil, err
		}
		k.masters = append(k.masters, more...)
	}
	if len(k.masters) == 0 {
		return nil, errors.New("there is no master key")
	}
	return k, nil
}

func readKeyFile(path string) ([]*age.X25519Identity, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the master key: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	ids, err := age.ParseIdentities(f)
	if err != nil {
		return nil, fmt.Errorf("%s holds no master key that can be read; make one with: hotline recordings key FILE", path)
	}
	var masters []*age.X25519Identity
	for _, id := range ids {
		m, ok := id.(*age.X25519Identity)
		if !ok {
			return nil, fmt.Errorf("%s holds a key of another kind; each begins with AGE-SECRET-KEY-1", path)
		}
		masters = append(masters, m)
	}
	return masters, nil
}

// NewKeyFile makes a master key and writes it to a file that only its owner reads, and that must not exist. It returns
// the key's name.
func NewKeyFile(path string) (string, error) {
	m, err := age.GenerateX25519Identity()
	if err != nil {
		return "", fmt.Errorf("make a master key: %w", err)
	}
	name := m.Recipient().String()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make a master key: %s is there already, and what it sealed would be lost; give another name", path)
	}
	if err != nil {
		return "", fmt.Errorf("make a master key: %w", err)
	}
	_, err = fmt.Fprintf(f, "# master key of Hotline's recordings: whoever has it can open them, without it nobody can\n# public key: %s\n%s\n", name, m)
	if err := errors.Join(err, f.Sync(), f.Close(), syncDir(filepath.Dir(path))); err != nil {
		return "", fmt.Errorf("make a master key: %w", err)
	}
	return name, nil
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
