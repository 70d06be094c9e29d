// Package vaulttest makes vaults for tests of others.
package vaulttest

import (
	"path/filepath"
	"testing"

	"hotline/internal/blob"
	"hotline/recording"
	"hotline/recording/seal"
)

// New returns a vault with a master key of its own, which keeps sealed files in the recordings folder.
func New(t testing.TB, catalogue *recording.Store, dir string) *recording.Vault {
	t.Helper()
	key := filepath.Join(t.TempDir(), "master.key")
	if _, err := seal.NewKeyFile(key); err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Load(seal.Config{KeyFiles: []string{key}})
	if err != nil {
		t.Fatal(err)
	}
	return recording.NewVault(catalogue, blob.NewDir(recording.SealedDir(dir)), keys)
}
