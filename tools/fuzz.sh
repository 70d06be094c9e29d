#!/usr/bin/env bash
# Runs every fuzz test of the module for a while, one after the other. $1: how long each, e.g. 20s.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
time=${1:-20s}
go list -f '{{.Dir}} {{.ImportPath}}' ./... | while read -r dir pkg; do
	{ grep -hoE '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go 2>/dev/null || true; } | while read -r _ name; do
		echo "fuzz: $pkg $name"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" "$pkg" </dev/null
	done
done
