#!/bin/sh
# shellcheck shell=dash
# deploy/quickstart in places that are hard to live in: a long path with spaces, twice in a row, ports that are taken, each
# identity that root can give the services.  Prints TAP.  usage: quickstart.sh ROOT PREFIX   (PREFIX: installed programs)
set -u
ROOT=$1
export CABINET_BUILD=$2
PROGRAM=quickstart-test
# shellcheck disable=SC1091
. "$ROOT/deploy/lib.sh"
quickstart() { "$ROOT/deploy/quickstart" "$@"; }
# shellcheck source=tests/tap.sh
. "$ROOT/tests/tap.sh"

work=$(mktemp -d) || exit 1
chmod 755 "$work"
long=$(printf 'x%.0s' $(seq 110))
export CABINET_VAR="$work/a state folder of $long/var"
mkdir -p "$CABINET_VAR"
cleanup() {
    quickstart stop > /dev/null 2>&1
    rm -rf "$work" "$RT"
}
set_folders
trap cleanup EXIT

HTTP_PORT=$(free_port 18900) HTTPS_PORT=$(free_port 19300)
export HTTP_PORT HTTPS_PORT
status_of() { curl --noproxy '*' -sk -o /dev/null -w '%{http_code}' "$1"; }
is_up() { [ "$(status_of "http://localhost:$HTTP_PORT/health/ready")" = 200 ] && [ "$(status_of "https://localhost:$HTTPS_PORT/health/ready")" = 200 ]; }
says() { # WORD COMMAND…: it fails, with one line that holds WORD
    word=$1
    shift
    "$@" > "$work/says" 2>&1 && return 1
    [ "$(wc -l < "$work/says")" = 1 ] && grep -q "$word" "$work/says"
}
# Processes whose command line names the instance.
processes() {
    for line in /proc/[0-9]*/cmdline; do
        { tr '\0' ' ' < "$line"; } 2>/dev/null | grep -F -e "$RT/" -e "$CABINET_VAR/"
    done
}

starts_and_greets() { quickstart | grep 'api/v1/auth/register'; }
check "starts in a long path with spaces, and prints what to try" starts_and_greets
check "answers on both ports" is_up
check "status says that all runs" quickstart status
check "settings are for their owner only" [ "$(stat -c %a "$CABINET_VAR/cabinet.env")" = 600 ]
check "listens on loopback only" [ -z "$(awk -v a="$(printf ':%04X$' "$HTTP_PORT")" -v b="$(printf ':%04X$' "$HTTPS_PORT")" \
    '$4 == "0A" && ($2 ~ a || $2 ~ b) && $2 !~ /^(0100007F|0+01000000):/' /proc/net/tcp /proc/net/tcp6 2>/dev/null)" ]
schema_is_newest() { quickstart run cabinet-migrate current | grep head; }
check "runs a tool with the instance's settings; the schema is the newest" schema_is_newest
check "fsync is on" [ "$(quickstart run sh -c 'psql -XAt "$DATABASE_URL" -c "SHOW fsync"')" = on ]

pid=$(cut -d' ' -f1 "$RUN/api.pid")
check "starts again" quickstart
check "leaves what runs alone" [ "$(cut -d' ' -f1 "$RUN/api.pid")" = "$pid" ]
kill -9 "$pid"
check "starts what has died" quickstart
check "and answers" is_up

check "names who holds a port" says 'is in use by nginx' env CABINET_VAR="$work/other" HTTPS_PORT="$(free_port 19400)" "$ROOT/deploy/quickstart"
check "refuses ports that are none" says 'not a number' env HTTP_PORT=80x "$ROOT/deploy/quickstart"
check "says when the disk is full" says 'free disk space' env CABINET_MIN_SPACE=999999999 "$ROOT/deploy/quickstart"
check "asks before it deletes" says 'reset --yes' "$ROOT/deploy/quickstart" reset

check "stops" quickstart stop
check "leaves no process" [ -z "$(processes)" ]
check "status says that nothing runs" sh -c '! "$1" status' sh "$ROOT/deploy/quickstart"

# As root, services have an identity of their own; the others are for clones that it cannot enter.
if [ "$(id -u)" = 0 ]; then
    for identity in namespace capability; do
        if [ "$identity" = namespace ] && ! unshare --user --map-user=33 true 2>/dev/null; then
            echo "ok - starts by $identity # skip no user namespaces here"
            continue
        fi
        check "starts by $identity" env CABINET_IDENTITY="$identity" "$ROOT/deploy/quickstart"
        check "answers by $identity" is_up
        quickstart stop > /dev/null
    done
else
    echo "ok - other identities # skip not root"
fi

check "deletes its state" quickstart reset --yes
check "the database is gone" [ ! -e "$CABINET_VAR/postgres" ]
exit "$failed"
