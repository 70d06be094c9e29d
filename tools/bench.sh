#!/usr/bin/env bash
# Runs the benchmarks that have goals, each beside a peer in the same run, prints a table and writes it to
# docs/measurements/bench.md. HOTLINE_BENCH_DSN names a database with 1,000,000 customers and 10,000,000 calls that is
# kept between runs; without it one is made first, which takes minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
result=docs/measurements/bench.md
raw=$(mktemp)
trap 'rm -f "$raw"' EXIT

run() { # package, benchmarks, how long
	echo "bench: $1 $2" >&2
	go test -run '^$' -bench "$2" -benchmem -benchtime "$3" -timeout 60m "$1" | tee -a "$raw" >&2
}
# value BENCHMARK UNIT: the figure of that unit on the benchmark's line
value() {
	awk -v name="$1" -v unit="$2" '$1 ~ "^" name "(-[0-9]+)?$" { for (i = 3; i < NF; i += 2) if ($(i+1) == unit) print $i }' "$raw" | grep . ||
		{ echo "bench: $1 has no figure in $2" >&2; exit 1; }
}
calc() { awk "BEGIN { printf \"$1\", $2 }"; }
verdict() { awk "BEGIN { print ($1) ? \"met\" : \"MISSED\" }"; }

run ./cti/ctitest '^Benchmark(Floor|Scan)Step$' 1000000x
run ./web/desk '^BenchmarkFanOut1200$' 200x
run ./internal/exchange '^BenchmarkPopToFrame$' 5000x
run ./recording/keep '^BenchmarkHold$' 3x
run ./web '^BenchmarkSecondOfTwoHours$' 1000x
run ./qa '^BenchmarkSearch$' 5x

steps=$(value BenchmarkFloorStep steps/s) step=$(value BenchmarkFloorStep ns/op) scan=$(value BenchmarkScanStep ns/op)
busy=$(value BenchmarkFloorStep cpu-ns/op) # of both cores: the collector's share is in it
pop50=$(value BenchmarkPopToFrame p50-ms) pop99=$(value BenchmarkPopToFrame p99-ms)
sql50=$(value BenchmarkPopToFrame lookup-p50-ms) sql99=$(value BenchmarkPopToFrame lookup-p99-ms)
plain50=$(value BenchmarkSecondOfTwoHours/plain p50-ms) plain99=$(value BenchmarkSecondOfTwoHours/plain p99-ms)
sealed50=$(value BenchmarkSecondOfTwoHours/sealed p50-ms) sealed99=$(value BenchmarkSecondOfTwoHours/sealed p99-ms)
cut50=$(value BenchmarkSecondOfTwoHours/redacted p50-ms) cut99=$(value BenchmarkSecondOfTwoHours/redacted p99-ms)
first_cut=$(value BenchmarkSecondOfTwoHours/redacted first-ms) worst_cut=$(value BenchmarkSecondOfTwoHours/redacted worst-ms)
once=$(value BenchmarkFanOut1200/once ns/op) once99=$(value BenchmarkFanOut1200/once p99-ms) each=$(value BenchmarkFanOut1200/each ns/op)
hold=$(value BenchmarkHold slowest-ms)

find50=$(value BenchmarkSearch/ours p50-ms) find99=$(value BenchmarkSearch/ours p99-ms)
sql_find50=$(value BenchmarkSearch/plain p50-ms) sql_find99=$(value BenchmarkSearch/plain p99-ms)

commit=$(git rev-parse --short=12 HEAD)
[ -z "$(git status --porcelain -- '*.go' '*.sql' go.mod go.sum)" ] || commit="$commit with uncommitted changes"
cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
memory=$(awk '/^MemTotal/ { printf "%.0f GB", $2 / 1e6 }' /proc/meminfo)

mkdir -p "$(dirname "$result")"
cat >"$result.new" <<END
# Benchmarks

Written by \`make bench\`. Commit $commit, $(date -u +%F), $(go env GOVERSION), $cpu with $(nproc) cores and $memory; load before
and during the run included whatever else the machine did ($(cut -d' ' -f1 /proc/loadavg) at its end). The peers ran in the same run.

| What | Figure | Goal | | Peer | Figure of ours to the peer's |
| --- | --- | --- | --- | --- | --- |
| Floor, 1,200 agents, at least 1,500 live calls | $(calc %.0f "$steps") steps a second, $(calc %.0f "$step") ns a step; $(calc %.0f "$busy") ns of processor time with the collector's | 200,000 a second on one core | $(verdict "$busy <= 5000 && $steps >= 200000") | looking through all calls and agents at each fact, and nothing else: $(calc %.0f "$scan") ns | $(calc %.2f "$step/$scan") |
| Pop, from the call's event to the frame a desk has read; 1,000,000 customers, 10,000,000 past calls | p50 $(calc %.1f "$pop50") ms, p99 $(calc %.1f "$pop99") ms | p99 50 ms | $(verdict "$pop99 <= 50") | the look-up in SQL alone: p50 $(calc %.1f "$sql50") ms, p99 $(calc %.1f "$sql99") ms | p50 $(calc %.2f "$pop50/$sql50"), p99 $(calc %.2f "$pop99/$sql99") |
| A jump in a recording of two hours, sealed: 64 KiB from any second, over HTTP | p50 $(calc %.1f "$sealed50") ms, p99 $(calc %.1f "$sealed99") ms; with 20 card numbers silenced p50 $(calc %.1f "$cut50") ms, p99 $(calc %.1f "$cut99") ms, worst $(calc %.1f "$worst_cut") ms, the very first request $(calc %.1f "$first_cut") ms | 200 ms | $(verdict "$sealed99 <= 200 && $worst_cut <= 200 && $first_cut <= 200") | the plain file: p50 $(calc %.1f "$plain50") ms, p99 $(calc %.1f "$plain99") ms | p50 $(calc %.2f "$sealed50/$plain50") |
| One thing told to 1,200 desks, until all have read it | $(calc %.1f "$once/1e6") ms, p99 $(calc %.1f "$once99") ms | | | the same, encoded for each desk: $(calc %.1f "$each/1e6") ms | $(calc %.2f "$once/$each") |
| A legal hold by query on 50,000 of 100,000 recordings, the slowest of three | $(calc %.2f "$hold/1000") s | 10 s | $(verdict "$hold <= 10000") | | |
| Search in 3,000,000 lines of transcripts: words of every third, 400th and 10,000th line and of none; by side, team, agent, queue and time | p50 $(calc %.1f "$find50") ms, p99 $(calc %.1f "$find99") ms | 200 ms | $(verdict "$find99 <= 200") | the same question as plain SQL: p50 $(calc %.1f "$sql_find50") ms, p99 $(calc %.1f "$sql_find99") ms | p50 $(calc %.2f "$find50/$sql_find50"), p99 $(calc %.2f "$find99/$sql_find99") |

The pop's tables are in memory, as on a server that has answered calls for a while. Right after the database's machine
started, each pop waits for some fifteen reads of the disk, which took 14 ms at the median and 330 ms at p99 when tried by
hand on 2026-11-23; the look-up begins when the call arrives, and the welcome takes longer than that.
END
mv "$result.new" "$result"
cat "$result"

tools/bench-speech.sh
