# shellcheck shell=dash
# A Debian 12 host in a container: a tree made by debootstrap (kept in FOLDER/base), an overlay over it, systemd booted in
# it by systemd-nspawn, a network cable to it.  Callers run in a mount namespace of their own.

HOST_ADDRESS=198.18.213.2
OUR_ADDRESS=198.18.213.1
MACHINE=cabinettest

# Says why no container can be booted here, or nothing.
host_missing() {
    [ "$(id -u)" = 0 ] || { echo "not root"; return; }
    for program in debootstrap systemd-nspawn nsenter unshare ip dpkg-buildpackage dh lintian dpkg-scanpackages; do
        command -v "$program" > /dev/null || { echo "$program is not installed"; return; }
    done
    grep -q overlay /proc/filesystems || modprobe overlay 2> /dev/null || { echo "no overlay file system"; return; }
    grep -q cgroup2 /proc/filesystems || { echo "no cgroup2"; return; }
    ip link add cabtry0 type veth peer name cabtry1 2> /dev/null || { echo "no veth devices"; return; }
    ip link del cabtry0
}

# host_base FOLDER DEB…: the tree, with what the packages need already fetched or installed, so that the container needs no
# network.  It is made again when it is older than a month.
host_base() {
    local folder=$1
    shift
    if [ -z "$(find "$folder/base/made" -mtime -30 2> /dev/null)" ]; then
        rm -rf "$folder/base" "$folder/base.new"
        debootstrap --variant=minbase bookworm "$folder/base.new" > "$folder/debootstrap.log" 2>&1 || return 1
        host_packages "$folder/base.new" apt-get install -y --no-install-recommends systemd systemd-sysv dbus iproute2 \
            procps nginx postgresql ssl-cert pgbackrest >> "$folder/debootstrap.log" 2>&1 || return 1
        # what is already there is all there is
        chroot "$folder/base.new" systemctl enable postgresql nginx >> "$folder/debootstrap.log" 2>&1 || return 1
        touch "$folder/base.new/made"
        mv "$folder/base.new" "$folder/base"
    fi
    host_fetch "$folder" "$@"
}

# What the packages depend on, anew where that has changed.
host_fetch() {
    local folder=$1 file
    shift
    for file in "$@"; do dpkg-deb -f "$file" Depends; done > "$folder/depends"
    cmp -s "$folder/depends" "$folder/base/depends" && return 0
    mkdir -p "$folder/base/repository"
    cp "$@" "$folder/base/repository/"
    host_packages "$folder/base" sh -c 'apt-get install -y --no-install-recommends --download-only /repository/*.deb' \
        >> "$folder/debootstrap.log" 2>&1 || return 1
    rm -rf "$folder/base/repository"
    cp "$folder/depends" "$folder/base/depends"
}

# host_packages TREE COMMAND…: with the network of this machine, and no service started.
host_packages() {
    local tree=$1 status=0
    shift
    cp /etc/resolv.conf "$tree/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' > "$tree/usr/sbin/policy-rc.d"
    chmod 755 "$tree/usr/sbin/policy-rc.d"
    # shellcheck disable=SC2016
    chroot "$tree" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update && exec "$@"' sh "$@" || status=1
    rm -f "$tree/usr/sbin/policy-rc.d"
    return "$status"
}

# host_boot FOLDER: boots the tree FOLDER/host, sets HOST_PID (nspawn) and HOST_LEADER (systemd in it).
host_boot() {
    local folder=$1 how
    : > "$folder/console.log"
    if [ -d /run/systemd/system ]; then
        how=
    else
        # Without systemd here: a plain cgroup2 of our own, in our mount namespace.
        how="--register=no --keep-unit"
        if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then
            umount -R /sys/fs/cgroup 2> /dev/null
            mount -t cgroup2 cgroup2 /sys/fs/cgroup || return 1
        fi
        CGROUP=/sys/fs/cgroup/$MACHINE-$$
        mkdir -p "$CGROUP" && echo $$ > "$CGROUP/cgroup.procs" || return 1
    fi
    BOOT_HOW=$how BOOT_FOLDER=$folder
    host_start
}

host_start() {
    # shellcheck disable=SC2086
    systemd-nspawn -q $BOOT_HOW --directory="$BOOT_FOLDER/host" --machine="$MACHINE" --boot --network-veth --console=pipe \
        < /dev/null >> "$BOOT_FOLDER/console.log" 2>&1 &
    HOST_PID=$!
    host_wait
}

# Reboots; with --keep-unit systemd-nspawn leaves the second start to its caller and ends with 133.
host_reboot() {
    local before=$HOST_LEADER status=0
    inside systemctl reboot
    if [ -z "$BOOT_HOW" ]; then
        host_wait "$before"
        return
    fi
    wait "$HOST_PID" || status=$?
    [ "$status" = 133 ] && host_start
}

# Waits until the container is up, at first and after a reboot; not_this: the leader before the reboot.
# shellcheck disable=SC2120
host_wait() {
    local not_this=${1-} ticks=600 child
    while [ "$ticks" -gt 0 ]; do
        ticks=$((ticks - 1))
        kill -0 "$HOST_PID" 2> /dev/null || return 1
        sleep 0.2
        HOST_LEADER=
        for child in $(cat "/proc/$HOST_PID/task/$HOST_PID/children" 2> /dev/null); do
            [ "$(cat "/proc/$child/comm" 2> /dev/null)" = systemd ] && HOST_LEADER=$child
        done
        if [ -z "$HOST_LEADER" ] || [ "$HOST_LEADER" = "$not_this" ]; then continue; fi
        inside systemctl is-system-running 2> /dev/null | grep -qE 'running|degraded' && break
    done
    [ "$ticks" -gt 0 ] || return 1
    ip address replace "$OUR_ADDRESS/30" dev "ve-$MACHINE" 2> /dev/null || return 1
    ip link set "ve-$MACHINE" up
    inside ip address replace "$HOST_ADDRESS/30" dev host0
    inside ip link set host0 up
}

# inside COMMAND…: as root in the container.
inside() {
    nsenter --target "$HOST_LEADER" --mount --uts --ipc --net --pid --root --wd \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

host_halt() {
    [ -n "${HOST_PID-}" ] || return 0
    if kill -0 "$HOST_PID" 2> /dev/null; then
        inside systemctl poweroff > /dev/null 2>&1
        for _ in $(seq 150); do
            kill -0 "$HOST_PID" 2> /dev/null || break
            sleep 0.2
        done
        [ -z "${HOST_LEADER-}" ] || kill -9 "$HOST_LEADER" 2> /dev/null
        kill -9 "$HOST_PID" 2> /dev/null
    fi
    wait "$HOST_PID" 2> /dev/null
    HOST_PID=
    if [ -n "${CGROUP-}" ]; then
        echo $$ > /sys/fs/cgroup/cgroup.procs
        find "$CGROUP" -depth -type d -exec rmdir {} + 2> /dev/null
    fi
    return 0
}
