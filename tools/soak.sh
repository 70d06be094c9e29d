#!/usr/bin/env bash
# The long runs, and their result in docs/measurements/soak.md. HOTLINE_SOAK is the share of their full length; the tests
# that run every time do a twentieth. $1: a pattern; only the rows that match it are run, and the others of the file are
# left, each with the commit it ran on. A shorter run is printed and leaves the file alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export HOTLINE_SOAK=${HOTLINE_SOAK:-1}
result=docs/measurements/soak.md
only=${1:-.}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
of() { awk "BEGIN { n = int($1 * $HOTLINE_SOAK + 0.5); print n < 1 ? 1 : n }"; }

commit=$(git rev-parse --short=12 HEAD)
[ -z "$(git status --porcelain -- '*.go' go.mod go.sum)" ] || commit="$commit with uncommitted changes"
CGO_ENABLED=0 go build -o "$dir/hotline" ./cmd/hotline

cat >"$dir/table" <<END
# Long runs

Written by \`make soak\`, a row at a time: \`make soak ONLY=kills\` runs those that have the word. $(go env GOVERSION), $(nproc) cores.

| Run | Commit | Day | Seconds | Result |
| --- | --- | --- | --- | --- |
END
failed=0
row() { # what, at most how many seconds (0: any), pattern of the lines that are the result, command...
	local what=$1 most=$2 pattern=$3 began=$EPOCHREALTIME outcome took
	shift 3
	if ! grep -qE -- "$only" <<<"$what"; then
		grep -F -- "| $what |" "$result" >>"$dir/table" || true
		return 0
	fi
	echo "soak: $what" >&2
	if "$@" >"$dir/out" 2>&1; then outcome=passed; else outcome=FAILED failed=1; fi
	took=$(awk "BEGIN { printf \"%.0f\", $EPOCHREALTIME - $began }")
	if [ "$most" -gt 0 ] && [ "$took" -gt "$most" ]; then outcome="FAILED: longer than $most s" failed=1; fi
	cat "$dir/out" >&2
	printf '| %s | %s | %s | %s | %s. %s |\n' "$what" "$commit" "$(date -u +%F)" "$took" "$outcome" \
		"$(grep -E "$pattern" "$dir/out" | sed -E 's/^ *[a-z_]+_test\.go:[0-9]+: //' | tail -n "${lines:-8}" | paste -sd '~' | sed 's/~/<br>/g; s/|/\//g' || true)" >>"$dir/table"
}

seeds=$(of 500) agents=$(of 1200) calls=$(of 90000) halves=$(of 40) fuzz=$(of 20)
row "\`hotline sim --seeds 1..$seeds\`: 20 agents, 500 calls each, with faults" 0 . "$dir/hotline" sim --seeds "1..$seeds"
row "\`hotline sim --seed 1 --agents $agents --calls $calls\`: a day" 60 . "$dir/hotline" sim --seed 1 --agents "$agents" --calls "$calls"
lines=2 row "the recording's writer: $halves half hours with 200 ppm, loss, reordering" 0 'half hours' \
	go test -count=1 -v -timeout 30m -run '^TestChannelsStayTogetherForHalfAnHour$' ./recording
lines=1 row "gateways killed around pauses of recordings" 0 'kills' \
	go test -count=1 -v -timeout 30m -run '^TestGatewaysKilledAroundPauses$' ./internal/gateway
lines=1 row "$(of 200) kills while calls are recorded, paused, finished, stored and scored" 0 'kills,' \
	bash -c "make build >/dev/null && go test -count=1 -v -timeout 10h -run '^TestNothingIsLostWhateverIsKilled\$' ./e2e"
lines=1 row "drawn flows and drawn callers for $(of 3600) s: no flow that passes the check gets stuck" 0 'execs' \
	go test -run '^$' -fuzz '^FuzzFlowsAndCallers$' -fuzztime "$(of 3600)s" ./ivr
lines=1 row "every fuzzer for $fuzz s" 0 'fuzzers' bash -c "tools/fuzz.sh ${fuzz}s && go list -f '{{.Dir}}' ./... | xargs -I{} sh -c 'cat {}/*_test.go 2>/dev/null' | grep -c '^func Fuzz' | sed 's/\$/ fuzzers found nothing/'"

cat "$dir/table"
if [ "$HOTLINE_SOAK" = 1 ]; then
	mkdir -p "$(dirname "$result")"
	cp "$dir/table" "$result"
fi
exit $failed
