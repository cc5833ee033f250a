#!/bin/sh
# shellcheck shell=dash
# Cabinet as a server's operator meets it: the packages, installed by apt on a Debian 12 that systemd has booted, set up,
# used over https from outside, reloaded, restarted, upgraded and broken under load, backed up, purged.  Prints TAP; where no
# container can be booted it says why and skips.
# usage: host.sh ROOT FOLDER      (FOLDER keeps the tree between runs; CABINET_DEBS: a folder of packages to use)
set -u
ROOT=$1 FOLDER=$2
HERE=$ROOT/tests/deploy
# Mounts of ours are nobody else's affair, and gone with us.
if [ -z "${CABINET_HOST_TEST-}" ] && [ "$(id -u)" = 0 ]; then
    CABINET_HOST_TEST=1 exec unshare --mount --propagation private sh "$0" "$@"
fi
# shellcheck source=tests/deploy/lib-host.sh
. "$HERE/lib-host.sh"
# shellcheck source=tests/tap.sh
. "$ROOT/tests/tap.sh"

reason=$(host_missing)
if [ -n "$reason" ]; then
    echo "ok - a host in a container # skip $reason"
    exit 0
fi
mkdir -p "$FOLDER"
work=$(mktemp -d) || exit 1

cleanup() {
    load_end > /dev/null 2>&1
    host_halt
    umount "$FOLDER/host" 2> /dev/null
    rm -rf "$work" "$FOLDER/upper" "$FOLDER/scratch"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

for part in install serve operate backup purge; do
    # shellcheck disable=SC1090
    . "$HERE/host-$part.sh"
done

build_packages || exit 1
if ! host_base "$FOLDER" "$FOLDER"/one/*.deb; then
    echo "ok - a host in a container # skip no tree: $(tail -n 1 "$FOLDER/debootstrap.log")"
    exit "$failed"
fi
mkdir -p "$FOLDER/host"
rm -rf "$FOLDER/upper" "$FOLDER/scratch"
mkdir "$FOLDER/upper" "$FOLDER/scratch"
mount -t overlay overlay -o "lowerdir=$FOLDER/base,upperdir=$FOLDER/upper,workdir=$FOLDER/scratch" "$FOLDER/host" || exit 1
mkdir -p "$FOLDER/host/repository"
if ! host_boot "$FOLDER"; then
    echo "ok - a host in a container # skip systemd-nspawn cannot boot here: $(grep -v '^$' "$FOLDER/console.log" | tail -n 1)"
    exit "$failed"
fi

test_install
if ! is_ready > /dev/null 2>&1; then
    echo "not ok - the service is there to be tested"
    exit 1
fi
test_serve
test_operate
test_backup
test_purge
exit "$failed"
