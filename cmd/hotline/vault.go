package main

import (
	"fmt"
	"path/filepath"

	"hotline/internal/blob"
	"hotline/recording"
	"hotline/recording/seal"
)

// recordings is where recordings lie: in the folder until they are sealed, then in the bucket, or without one in the
// folder "sealed" within it.
type recordings struct {
	Dir      string        `yaml:"dir"`
	KeyFiles []string      `yaml:"key_files"` // master keys; the first seals, all open
	Keys     string        `yaml:"keys"`      // master keys themselves, before those of files; for the environment
	S3       blob.S3Config `yaml:"s3"`
}

// Check returns what is wrong with it.
func (r recordings) Check() []string {
	var faults []string
	if !filepath.IsAbs(r.Dir) {
		faults = append(faults, fmt.Sprintf("dir: %q is no absolute path; give the folder of the recordings", r.Dir))
	}
	faults = append(faults, r.keys().Check()...)
	return append(faults, r.S3.Check()...)
}

func (r recordings) keys() seal.Config { return seal.Config{KeyFiles: r.KeyFiles, Keys: r.Keys} }

// vault opens and seals the recordings of the catalogue.
func (r recordings) vault(catalogue *recording.Store) (*recording.Vault, error) {
	keys, err := seal.Load(r.keys())
	if err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	if r.S3.Bucket == "" {
		return recording.NewVault(catalogue, blob.NewDir(recording.SealedDir(r.Dir)), keys), nil
	}
	bucket, err := blob.NewS3(r.S3)
	if err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	return recording.NewVault(catalogue, bucket, keys), nil
}

type recordingsKeyCmd struct {
	File string `arg:"" help:"File to write the new master key to. It must not exist."`
}

// Run makes a master key of recordings.
func (c recordingsKeyCmd) Run() error {
	name, err := seal.NewKeyFile(c.File)
	if err != nil {
		return err
	}
	fmt.Printf("%s\nWhoever loses the file %s loses every recording that it sealed: keep a copy of it apart from the recordings and the database,\nand name it in recordings.key_files.\n", name, c.File)
	return nil
}
