# Runs as the first process of a node's new namespaces: builds /proc, /sys, /dev and /run, then becomes systemd.
# Arguments: root tree, host name, checkout.
# /proc/sys and sysrq-trigger are the machine's own: read-only, or a node's "panic" would reset the machine.
set -e
root=$1 name=$2 checkout=$3
mount --make-rprivate /
mount -t proc proc "$root/proc"
for part in sys sysrq-trigger; do
    [ -e "$root/proc/$part" ] || continue
    mount --bind "$root/proc/$part" "$root/proc/$part"
    mount -o remount,bind,ro "$root/proc/$part"
done
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/shm" "$root/dev/pts" "$root/run/lock"
mount -t tmpfs tmpfs "$root/dev/shm"
for device in null zero full random urandom tty; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
: >"$root/dev/console"
mount --bind /dev/null "$root/dev/console"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mkdir -p "$root/opt/apresa"
mount --bind "$checkout" "$root/opt/apresa"
mount -o remount,bind,ro "$root/opt/apresa"
hostname "$name"
cd "$root"
mkdir -p .old
pivot_root . .old
# systemd does this on a machine, but not in a container: units of their own mount namespace must see the library come.
exec chroot . /bin/sh -c 'umount -l /.old; mount --make-rshared /; exec env -i container=lab PYTHONDONTWRITEBYTECODE=1 \
    PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=journal'
