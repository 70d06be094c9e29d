#!/usr/bin/env bash
# Runs every check of `make lint`, names all that fail, and exits 1 if one did. The tools are built by the Makefile.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$PWD/bin/tools
failed=()

check() {
	local name=$1 start=$SECONDS
	shift
	if "$@"; then
		printf 'lint: %-18s ok   %3d s\n' "$name" $((SECONDS - start))
	else
		printf 'lint: %-18s FAILED\n' "$name"
		failed+=("$name")
	fi
}

gofumpt() {
	local bad
	# Not ".": packages of node_modules hold Go files too.
	bad=$(git ls-files -co --exclude-standard -z '*.go' | xargs -0 -r ls -d 2>/dev/null | xargs -r "$tools/gofumpt" -l) || return 1
	[ -z "$bad" ] || {
		echo "not formatted; run bin/tools/gofumpt -w on:"
		echo "$bad"
		return 1
	}
}

tools_tidy() { (cd tools && go mod tidy -diff); }

govulncheck() {
	local out status
	out=$(timeout 300 "$tools/govulncheck" ./... 2>&1)
	status=$?
	case $status in
	0) ;;
	3)
		echo "$out"
		return 1
		;;
	*) echo "      govulncheck could not run here and was skipped: $(grep -m 1 '^govulncheck:' <<<"$out" || head -n 1 <<<"$out")" ;;
	esac
}

scripts() {
	local f
	for f in $(git ls-files -co --exclude-standard '*.sh' .ci/run); do
		[ ! -e "$f" ] || bash -n "$f" || return 1
	done
}

ui() { (cd web/ui && npm run --silent check); }

check gofumpt gofumpt
check "go vet" go vet ./...
check staticcheck "$tools/staticcheck" ./...
check errcheck "$tools/errcheck" -exclude tools/errcheck.txt ./...
check errorlint "$tools/go-errorlint" -errorf-multi=false ./...
check exhaustive "$tools/exhaustive" -d ./...
check "sum types" "$tools/go-check-sumtype" -default-signifies-exhaustive=true ./...
check "go mod tidy" go mod tidy -diff
check "tools' go mod" tools_tidy
check scripts scripts
check govulncheck govulncheck
[ ! -e web/ui/index.html ] || check "biome, tsc" ui

if [ ${#failed[@]} -gt 0 ]; then
	echo "lint: failed: ${failed[*]}"
	exit 1
fi
echo "lint: all well"
