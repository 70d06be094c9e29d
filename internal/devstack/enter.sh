# Runs Asterisk inside a root of its own: $1 installation, $2 run folder, $3 control folder, $4 binary, $5 configuration, then shared folders.
# Started in a new private mount namespace, so that every mount here ends with the process. The installation is read-only.
inst=$1 run=$2 control=$3 binary=$4 conf=$5
shift 5
root=$run/root
mount -t tmpfs -o size=64m,mode=755 asterisk-root "$root"
mkdir "$root/usr" "$root/etc" "$root/proc" "$root/dev" "$root/tmp" "$root/run" "$root/var"
for link in bin sbin lib lib32 lib64 libx32; do
	if [ -L "$inst/$link" ]; then cp -P "$inst/$link" "$root/$link"; fi
done
for dir in usr etc; do
	mount --bind "$inst/$dir" "$root/$dir"
	mount -o remount,bind,ro "$root/$dir"
done
# A checkout may lie below these.
for dir in usr/local usr/src; do mount -t tmpfs -o size=1m,mode=755 asterisk-root "$root/$dir"; done
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$run/hosts" "$root/etc/hosts"
mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
for dir in "$run" "$@"; do
	mkdir -p "$root$dir"
	mount --bind "$dir" "$root$dir"
done
mkdir -p "$root$control"
cd /
exec chroot "$root" "$binary" -f -C "$conf"
