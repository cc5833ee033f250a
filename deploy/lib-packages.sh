# shellcheck shell=dash
# Installs Debian packages so that nothing else on the machine changes: no service is started, no database cluster is
# made, and what guards that is taken away again.  Needs lib.sh.

BUILD_PACKAGES="gcc libc6-dev make autoconf automake libtool pkg-config libfcgi-dev libpq-dev libjson-c-dev libjwt-dev
    libargon2-dev liboath-dev libtalloc-dev libssl-dev libcurl4-openssl-dev"
RUN_PACKAGES="nginx openssl ca-certificates curl cracklib-runtime"
TEST_PACKAGES="libcriterion-dev python3-aiosmtpd oathtool shellcheck mandoc"
# For deploy/check --full: promtool, and what runs Cabinet on more than one machine.
CLUSTER_PACKAGES="prometheus pgbouncer patroni etcd-server etcd-client python3-etcd iproute2"
# The package on a booted host.
HOST_PACKAGES="debhelper dpkg-dev lintian debootstrap systemd-container testssl.sh"

# For deploy/check --full; Node.js may have come in another way.
full_packages() {
    printf 'chromium %s ' "$CLUSTER_PACKAGES $HOST_PACKAGES"
    command -v npm >/dev/null || printf 'nodejs npm'
}

POLICY=/usr/sbin/policy-rc.d
NO_CLUSTER=/etc/postgresql-common/createcluster.d/cabinet-quickstart.conf

# Those of the named packages that are not installed.
missing_packages() {
    local installed name
    installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Provides}\n' 2>/dev/null | sed -n 's/^ii //p' | tr ',' ' ')
    for name in "$@"; do
        case " $(printf %s "$installed" | tr '\n' ' ') " in
            *" $name "*) ;;
            *) printf '%s ' "$name" ;;
        esac
    done
}

# install_packages NAME…: does nothing, and needs no network, where all are there.
install_packages() {
    local missing system
    [ -z "${QUICKSTART_SKIP_PACKAGES-}" ] || return 0
    system=$(foreign_system)
    [ -z "$system" ] ||
        die "this is $system, and packages are known for Debian 12 and 13 only; install what README.md lists, and set QUICKSTART_SKIP_PACKAGES=1."
    [ -n "$(postgres_bin)" ] || set -- "$@" postgresql
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    say "Installing packages: $missing"
    need_space /usr 1500
    if [ "$UID_NUMBER" = 0 ]; then
        # shellcheck disable=SC2086
        apt_install $missing
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
        # shellcheck disable=SC2086
        sudo env PROGRAM="$PROGRAM" LOG="$LOG" sh -c '. "$1/deploy/lib.sh"; . "$1/deploy/lib-packages.sh"; shift; apt_install "$@"' \
            sh "$ROOT" $missing || exit 1
    else
        die "packages are missing and this user may not install them; as root, run: apt-get install $missing"
    fi
}

# As root.
apt_install() {
    local had_nginx status
    had_nginx=$(dpkg-query -W -f '${db:Status-Abbrev}' nginx 2>/dev/null)
    guard_services
    trap unguard_services EXIT
    trap 'exit 1' INT TERM HUP
    export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
    status=0
    {
        apt-get -q -o DPkg::Lock::Timeout=300 update || echo "update failed; trying with the lists there are"
        apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 --no-install-recommends install "$@"
    } > "$LOG/packages.log" 2>&1 || status=1
    # A service that starts at the next boot would take port 80: only where it was ours to bring.
    case $had_nginx in
        ii*) ;;
        *)
            if command -v systemctl >/dev/null; then
                systemctl disable nginx.service >/dev/null 2>&1
            else
                rm -f /etc/systemd/system/multi-user.target.wants/nginx.service
            fi ;;
    esac
    unguard_services
    trap - EXIT INT TERM HUP
    [ "$status" = 0 ] || die "apt-get could not install the packages: $(grep -E '^E: ' "$LOG/packages.log" | head -n 1) (all of it is in $LOG/packages.log)"
}

guard_services() {
    UNGUARD=
    if [ -e "$POLICY" ]; then
        [ -e "$POLICY.before-cabinet" ] || mv "$POLICY" "$POLICY.before-cabinet"
    fi
    printf '#!/bin/sh\nexit 101\n' > "$POLICY" && chmod 755 "$POLICY"
    for folder in /etc/postgresql-common /etc/postgresql-common/createcluster.d; do
        [ -d "$folder" ] || { mkdir "$folder"; UNGUARD="$folder $UNGUARD"; }
    done
    echo 'create_main_cluster = false' > "$NO_CLUSTER"
}

unguard_services() {
    rm -f "$POLICY" "$NO_CLUSTER"
    [ ! -e "$POLICY.before-cabinet" ] || mv "$POLICY.before-cabinet" "$POLICY"
    # Folders that we made and nobody filled.
    # shellcheck disable=SC2086
    [ -z "$UNGUARD" ] || rmdir $UNGUARD 2>/dev/null
    return 0
}
