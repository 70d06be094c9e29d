#!/usr/bin/env bash
# Measures the rules on calls of which every word is known, and writes docs/measurements/speech.md. The calls lie beside the
# checkout; where they do not there is nothing to measure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
calls=../shared/speech result=docs/measurements/speech.md
[ -d "$calls" ] || {
	echo "bench: there are no known calls beside the checkout, so speech is not measured"
	exit 0
}
commit=$(git rev-parse --short=12 HEAD)
[ -z "$(git status --porcelain -- '*.go' '*.yaml' go.mod go.sum)" ] || commit="$commit with uncommitted changes"
cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
cat >"$result.new" <<END
# Quality by speech, measured

Written by \`make bench\`: \`hotline qa bench\` over $(find "$calls" -name '*.flac' | wc -l) calls of which every word is known, with the shipped rule book and the
small test model. Commit $commit, $(date -u +%F), $cpu with $(nproc) cores; load before it $(cut -d' ' -f1 /proc/loadavg). What was missed is named below
the table.

\`\`\`
$(bin/hotline qa bench "$calls")
\`\`\`
END
mv "$result.new" "$result"
cat "$result"
