#!/bin/sh
# shellcheck shell=dash
# A backup of many users while 500 writes a second go on, restored into another server, equals the snapshot it was taken of.
# Prints TAP, with figures.  usage: backup.sh ROOT PREFIX       (CABINET_BACKUP_USERS: 1000000)
set -u
ROOT=$1 SBIN=$2/sbin
PROGRAM=backup-test
for part in lib.sh lib-packages.sh lib-process.sh lib-postgres.sh; do
    # shellcheck disable=SC1090
    . "$ROOT/deploy/$part"
done
users=${CABINET_BACKUP_USERS:-1000000}
# shellcheck source=tests/tap.sh
. "$ROOT/tests/tap.sh"
work=$(mktemp -d) || exit 1
chmod 755 "$work"
export CABINET_VAR="$work/var"
set_folders
make_folders
choose_identity
PG_BIN=$(postgres_bin)
PATH=$SBIN:$PG_BIN:$PATH

cleanup() {
    [ -z "${WRITER-}" ] || kill "$WRITER" 2> /dev/null
    stop_process here INT 20 QUIT
    stop_process elsewhere INT 20 QUIT
    rm -rf "$work" "$RT"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

# server NAME: one that trusts whoever reaches its socket.
server() {
    mkdir -m 700 "$VAR/$1" "$RT/$1"
    [ "$UID_NUMBER" != 0 ] || chmod 711 "$RT/$1"
    own postgres "$VAR/$1" "$RT/$1"
    # shellcheck disable=SC2086
    $AS_POSTGRES initdb -N -D "$RT/var/$1" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 < /dev/null || return 1
    start_process "$1" "$AS_POSTGRES" env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 "$PG_BIN/postgres" -D "$RT/var/$1" \
        -c listen_addresses= -c unix_socket_directories="$RT/$1" -c max_wal_size=4GB -c shared_buffers=256MB
    for _ in $(seq 200); do
        pg_isready -q -h "$RT/$1" && return 0
        sleep 0.1
    done
    return 1
}
url() { printf 'postgresql://%s@/%s?host=%s' "$3" "$2" "$RT/$1"; } # SERVER DATABASE ROLE

at() { # SERVER COMMAND…: with the settings of that server
    local where=$1
    shift
    DATABASE_URL=$(url "$where" cabinet cabinet_app) DATABASE_OWNER_URL=$(url "$where" cabinet cabinet_owner) \
        CABINET_MIGRATIONS=$ROOT/migrations CABINET_MODELS=$ROOT/src/models BACKUP_FOLDER=$work/backups "$@"
}
set_up() { server "$1" && at "$1" cabinet-admin setup-database "$(url "$1" postgres postgres)"; }
query() { psql -XAqt -v ON_ERROR_STOP=1 "$(url here cabinet postgres)" "$@"; }

# By the triggers' leave: what matters here is their number.
fill() {
    query -c 'SET session_replication_role = replica' -c "INSERT INTO users (email, username, date_created)
        SELECT 'user' || i || '@example.org', 'user' || i, now() - i * interval '1 minute' FROM generate_series(1, $users) AS i" &&
        query -c 'VACUUM (ANALYZE) users' && at here cabinet-admin counts rebuild
}

# As the service writes: a changed row, with its audit entry and counts by triggers.
write_on() {
    cat > "$work/write.sql" <<END
\\set id random(1, $users)
UPDATE users SET is_verified = NOT is_verified WHERE id = :id;
END
    pgbench -n -f "$work/write.sql" -R 500 -c 8 -j 2 -T 3600 -P 1 "$(url here cabinet cabinet_app)" > "$work/writes" 2>&1 &
    WRITER=$!
    sleep 5
}
writes() { query -c "SELECT count(*) FROM audit_logs"; }

check "a server with $users users" set_up here
check "the schema" at here cabinet-migrate upgrade head
check "the users" fill
mkdir -m 700 "$work/backups"
write_on
before=$(writes)
began=$(date +%s%N)
check "a backup while writes go on" at here cabinet-admin backup
took=$((($(date +%s%N) - began) / 1000000))
after=$(writes)
kill "$WRITER"
wait "$WRITER" 2> /dev/null
WRITER=
dump=$(ls "$work"/backups/*.dump) || exit 1
rate=$(((after - before) * 1000 / took))
echo "# backup: $took ms, $(stat -c %s "$dump") bytes, $((after - before)) writes meanwhile, $rate/s"
grep -E 'progress: ' "$work/writes" | tail -n 3 | sed 's/^/# /'
enough_writes() { echo "$rate/s"; [ "$rate" -ge 450 ]; }
check "500 writes a second went on ($rate/s)" enough_writes
# the snapshot lies between: later writes are not in it
snapshot=$(sed -n 's/^audit [0-9]* [0-9]* //p' "${dump%.dump}.manifest")
lies_between() { echo "$before, $snapshot, $after"; [ "$snapshot" -ge "$before" ] && [ "$snapshot" -lt "$after" ]; }
check "the snapshot is one moment of that time ($before, $snapshot, $after writes)" lies_between

check "another server" set_up elsewhere
began=$(date +%s%N)
check "restored there, it equals the snapshot" at elsewhere cabinet-admin restore "$dump" --into copy
echo "# restore with proof: $((($(date +%s%N) - began) / 1000000)) ms"
# Each change is a row's and its entry's at once: in the copy no row is ahead of the trail, or behind.
apart="SELECT count(*) FROM users AS u LEFT JOIN (SELECT row_key::bigint AS id, count(*) AS n FROM audit_logs
    WHERE table_name = 'users' AND action = 'row_update' GROUP BY 1) AS a USING (id)
    WHERE u.is_verified <> (coalesce(a.n, 0) % 2 = 1) OR u.row_version <> 1 + coalesce(a.n, 0)"
one_moment() {
    [ "$(psql -XAqt "$(url elsewhere copy postgres)" -c "$apart")" = 0 ] &&
        [ "$(psql -XAqt "$(url elsewhere copy postgres)" -c "SELECT count(*) FROM audit_logs WHERE action = 'row_update'")" = "$snapshot" ]
}
check "rows and audit trail of the copy are of one moment" one_moment
counted() { [ "$(psql -XAqt "$(url elsewhere copy postgres)" -c 'SELECT count(*) FROM users')" = "$users" ]; }
check "all users are there" counted
agrees() { at elsewhere env DATABASE_OWNER_URL="$(url elsewhere copy cabinet_owner)" DATABASE_URL="$(url elsewhere copy cabinet_app)" "$@"; }
check "models, revisions and the copy agree" agrees cabinet-migrate check
check "the counts of the copy are those of its rows" agrees cabinet-admin counts verify
exit "$failed"
