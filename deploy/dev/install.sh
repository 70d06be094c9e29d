#!/usr/bin/env bash
# Installs what Hotline's development set-up needs on Debian 12, once: distribution packages and Asterisk 22.
# Usage: deploy/dev/install.sh [run|test]     run = what `make run` needs; test = that and what the tests need (default)
# When nothing is missing it changes nothing, asks no network and ends at once. What it downloads for itself is kept in
# ${XDG_CACHE_HOME:-$HOME/.cache}/hotline, shared by every checkout of this user.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

group=${1:-test}
case $group in run | test) ;; *)
	echo "usage: $0 [run|test]" >&2
	exit 2
	;;
esac
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hotline
mkdir -p "$cache"
log=$cache/install.log

run_packages=(
	make git ca-certificates
	iproute2 procps util-linux # ss, ps, unshare, flock: what the run scripts are made of
	debootstrap                # Asterisk's chroot
	postgresql                 # server programs; our clusters are private ones
	gcc libc6-dev              # hotline-speech is the one cgo program
	espeak-ng espeak-ng-data   # the last resort voice, and Kokoro's phonemes
)
test_packages=(
	chromium fonts-noto-cjk # browser tests, with Chinese to look at
	sip-tester              # sipp
	sox flac ffmpeg         # sound for fake microphones and for looking at recordings
)

packages=("${run_packages[@]}")
[ "$group" = test ] && packages+=("${test_packages[@]}")
steps=5 step=0 shown=0

say() { printf '%s\n' "$*"; }
begin() {
	step=$((step + 1))
	title=$1 shown=0
}
# detail prints the step's line only when there is something to do, so that a run with nothing to do is one line.
detail() {
	[ "$shown" = 1 ] || say "[$step/$steps] $title"
	shown=1
	say "      $*"
}
fail() {
	say "install: $*" >&2
	exit 1
}

# quiet runs a command with its output in the log, shows every few seconds how far it is, and the end of the log when it fails.
quiet() {
	local what=$1 start=$SECONDS pid n=0
	shift
	detail "$what ..."
	printf '\n== %s: %s\n' "$(date -u +%FT%TZ)" "$what" >>"$log"
	"$@" >>"$log" 2>&1 </dev/null 9>&- &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.5
		n=$((n + 1))
		[ $((n % 10)) = 0 ] && say "      $((SECONDS - start)) s: $(tail -n 1 "$log" | cut -c1-100)"
	done
	if ! wait "$pid"; then
		say "      failed; the end of $log:" >&2
		tail -n 15 "$log" >&2
		exit 1
	fi
}

missing_packages() {
	local p
	for p in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || echo "$p"
	done
}

# at_least A B: is version A at least B?
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

exec 9>"$cache/install.lock"
if ! flock -n 9; then
	say "install: another run of this script is at work; waiting for it"
	flock 9
fi

begin "Go and Node"
want_go=$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' "$here/../../go.mod")
command -v go >/dev/null ||
	fail "Go >= $want_go is not on PATH. Unpack the official archive go$want_go.x.linux-amd64.tar.gz to /usr/local/go and add /usr/local/go/bin to PATH."
have_go=$(cd / && go env GOVERSION | sed 's/^go//')
at_least "$have_go" "$want_go" ||
	fail "Go $have_go is too old: $want_go or newer is needed. Replace /usr/local/go by the official archive and see that 'go version' finds it first."
command -v node >/dev/null && command -v npm >/dev/null ||
	fail "Node >= 20 with npm is not on PATH. Unpack the official node-v20.x-linux-x64 archive and put its bin folder on PATH."
have_node=$(node --version | sed 's/^v//')
at_least "$have_node" 20 ||
	fail "Node $have_node is too old: 20 or newer is needed. Put a newer node first on PATH."

begin "Distribution packages"
mapfile -t missing < <(missing_packages "${packages[@]}")
if [ ${#missing[@]} -gt 0 ]; then
	command -v apt-get >/dev/null || fail "this script installs with apt-get, which is not here. Install by hand: ${missing[*]}"
	[ "$(id -u)" = 0 ] || fail "must be root to install: apt-get install ${missing[*]}"
	# initdb of a private cluster is all we want: no cluster of the machine's own, and nothing listening on 5432.
	if [ ! -e /etc/postgresql-common/createcluster.conf ] && [ ! -d /etc/postgresql ]; then
		mkdir -p /etc/postgresql-common
		echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
	fi
	quiet "reading package lists" apt-get update -q
	quiet "installing ${missing[*]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

begin "Asterisk 22"
floor=22.10.1 # fixes two holes in ARI and heap corruption in audiohooks
asterisk_version() { "$@" -V 2>/dev/null | sed -n 's/^Asterisk \([0-9.]*\).*/\1/p'; }
chroot_dir=$cache/asterisk-22-r1 # raise the r number with the recipe
found=""
if command -v asterisk >/dev/null; then
	have=$(asterisk_version asterisk)
	if at_least "${have:-0}" "$floor"; then
		found=path
	else
		detail "asterisk ${have:-of unknown version} on PATH is older than $floor and is left alone"
	fi
fi
if [ -z "$found" ] && [ -x "$chroot_dir/usr/sbin/asterisk" ]; then found=chroot; fi
if [ -z "$found" ]; then
	[ "$(id -u)" = 0 ] || fail "must be root to install Asterisk"
	candidate=$(apt-cache policy asterisk 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*:\)\?\([0-9.]*\).*/\2/p')
	if at_least "${candidate:-0}" "$floor"; then
		# The machine's own service must not take port 5060.
		ln -sf /dev/null /etc/systemd/system/asterisk.service
		quiet "installing the distribution's $candidate" apt-get install -q -y --no-install-recommends asterisk asterisk-moh-opsound-wav
	else
		quiet "making a Debian chroot with it, 450 MB, one to two minutes" "$here/asterisk-chroot.sh" "$chroot_dir"
	fi
fi

begin "Server programs of PostgreSQL"
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null ||
	fail "initdb is in none of /usr/lib/postgresql/*/bin and not on PATH: reinstall the package postgresql"

begin "Speech models"
# Where a folder of models lies beside the checkout it is used; elsewhere one is fetched with `hotline models install`.
models=$here/../../../shared/models
if [ -x "$models/unpack" ] && [ ! -e "$cache/models/silero_vad.onnx" ]; then
	quiet "unpacking speech models" "$models/unpack" "$cache/models"
fi

[ "$group" = run ] || command -v sipp >/dev/null || fail "sipp is not on PATH: reinstall the package sip-tester"
say "install: everything is there ($group)"
