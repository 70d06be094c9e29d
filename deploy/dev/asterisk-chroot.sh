#!/usr/bin/env bash
# Makes a small Debian forky with Asterisk 22 in the folder $1, which must not exist yet. Called by install.sh, which
# holds the lock. The folder appears under its name only when it is complete; running instances mount it read-only.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
target=$1

if [ "${HOTLINE_CHROOT_BUILD:-}" = "" ]; then
	# Every mount of the build lives in this mount namespace and vanishes with it, also when the build is killed.
	rm -rf --one-file-system "$target".building.*
	build=$(mktemp -d "$target.building.XXXXXX")
	chmod 755 "$build" # apt drops its rights to a user of its own
	trap 'rm -rf --one-file-system "$build"' EXIT
	HOTLINE_CHROOT_BUILD=$build unshare --mount --propagation private "$0" "$target"
	mv -T "$build" "$target"
	exit 0
fi
build=$HOTLINE_CHROOT_BUILD

# The machine's own mirror: the first Debian archive that is not the security one.
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sort -u | grep -v -- -security | head -n 1)
[ -n "$mirror" ] || {
	echo "no package archive in the machine's apt sources" >&2
	exit 1
}
suite=forky
script=/usr/share/debootstrap/scripts/$suite
[ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid # Debian 12's debootstrap does not know forky

proxy=$(apt-config dump Acquire::http::Proxy | sed -n 's/.*"\(.*\)";/\1/p')
[ -z "$proxy" ] || export http_proxy=$proxy
proxy=$(apt-config dump Acquire::https::Proxy | sed -n 's/.*"\(.*\)";/\1/p')
[ -z "$proxy" ] || export https_proxy=$proxy

debootstrap --variant=minbase --include=ca-certificates "$suite" "$build" "$mirror" "$script"

cp /etc/resolv.conf "$build/etc/resolv.conf"
cp /etc/hosts "$build/etc/hosts"
[ ! -d /etc/ssl/certs ] || cp -L /etc/ssl/certs/ca-certificates.crt "$build/etc/ssl/certs/ca-certificates.crt"
# How this machine reaches its archives (proxy, credentials, certificates), not what it does after installing.
apt-config dump | grep -E '^Acquire::(http|https)::' >"$build/etc/apt/apt.conf.d/90machine" || true
printf '#!/bin/sh\nexit 101\n' >"$build/usr/sbin/policy-rc.d" # nothing is started in there
chmod 755 "$build/usr/sbin/policy-rc.d"

mountpoint -q "$build/proc" || mount --bind /proc "$build/proc"
mountpoint -q "$build/dev" || mount --rbind /dev "$build/dev"
# A mirror that lags behind, or a clock that is off, makes a testing suite's index "expired". debootstrap has not looked
# at that date either; signatures are checked by both, and install.sh insists on a version.
chroot "$build" apt-get -o Acquire::Check-Valid-Until=false update -q
chroot "$build" apt-get install -q -y --no-install-recommends asterisk asterisk-moh-opsound-wav
chroot "$build" apt-get clean
rm -rf "$build"/var/lib/apt/lists/* "$build"/usr/share/doc/* "$build"/etc/apt/apt.conf.d/90machine
chroot "$build" asterisk -V
