#!/bin/sh
# cabinet-migrate end to end on a real server.  CABINET_TEST_DATABASE_URL names it (a role that may create databases and
# roles); MIGRATE names the program.  Prints TAP lines and a summary.
set -u
: "${CABINET_TEST_DATABASE_URL:?must name a PostgreSQL server where the role may create databases}"
root=$(cd "$(dirname "$0")/../.." && pwd)
MIGRATE=${MIGRATE:-$PWD/cabinet-migrate}
work=$(mktemp -d)
prefix=cabinet_test_runner_$$
passed=0 failed=0 made=
unset DATABASE_URL DATABASE_OWNER_URL
export PGOPTIONS="-c client_min_messages=warning"

url() {
    case $CABINET_TEST_DATABASE_URL in
        *://*\?*) echo "$CABINET_TEST_DATABASE_URL&dbname=$1${2:+&user=$2}" ;;
        *://*) echo "$CABINET_TEST_DATABASE_URL?dbname=$1${2:+&user=$2}" ;;
        *) echo "$CABINET_TEST_DATABASE_URL dbname=$1${2:+ user=$2}" ;;
    esac
}

sql() { psql -XAtq -v ON_ERROR_STOP=1 "$(url "$1")" -c "$2"; }
admin() { psql -XAtq "$CABINET_TEST_DATABASE_URL" -c "$1"; }

# database NAME: a new empty one, owned by cabinet_owner.
database() {
    admin "CREATE DATABASE ${prefix}_$1 OWNER cabinet_owner TEMPLATE template0 ENCODING 'UTF8'" >/dev/null
    made="$made ${prefix}_$1"
}

# migrate NAME WORD...: as the owner, with the folders in $folders.
migrate() {
    target=$(url "${prefix}_$1" cabinet_owner)
    shift
    CABINET_MIGRATIONS=$folders "$MIGRATE" --database "$target" "$@"
}

# The same for the background: a signal to $! reaches the program itself.
start() {
    target=$(url "${prefix}_$1" cabinet_owner)
    shift
    CABINET_MIGRATIONS=$folders exec "$MIGRATE" --database "$target" "$@"
}

dump() {
    pg_dump -s -T cabinet.version -T cabinet.migration_log -T 'cabinet.audit_logs_2*' "$(url "${prefix}_$1")" |
        sed -e '/^--/d' -e '/restrict /d' -e '/^$/d' \
            -e '/^CREATE FUNCTION cabinet.generation() /,/;$/d' -e '/^ALTER FUNCTION cabinet.generation() /d'
}

ok() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok $((passed + failed)) - $2"
    else
        failed=$((failed + 1))
        echo "not ok $((passed + failed)) - $2"
        [ -s "$work/out" ] && sed 's/^/#   /' "$work/out"
    fi
}

# expect STATUS TEXT NAME COMMAND...: exit status and a part of what is printed.
expect() {
    status=$1 text=$2 name=$3
    shift 3
    "$@" >"$work/out" 2>&1
    got=$?
    [ $got -eq "$status" ] || echo "exit status $got, not $status" >>"$work/out"
    [ $got -eq "$status" ] && { [ -z "$text" ] || grep -qF -- "$text" "$work/out"; }
    ok $? "$name"
}

same() { [ "$1" = "$2" ] || { echo "<$1> is not <$2>" >"$work/out"; false; }; ok $? "$3"; }

# revision FOLDER ID REVISES UPGRADE DOWNGRADE [LINE]: writes a file; bodies begin with their marker.
revision() {
    printf '%s\n' "-- cabinet migration" "-- Revision: $2" "-- Revises: $3" "-- Message: test $2" "-- Line: ${6:-cabinet}" \
        "$4" "$5" >"$work/$1/$2.sql"
}

cleanup() {
    for name in $made; do admin "DROP DATABASE IF EXISTS $name WITH (FORCE)" >/dev/null 2>&1; done
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

psql -Xq "$CABINET_TEST_DATABASE_URL" -f "$root/deploy/roles.sql" >/dev/null || exit 1
folders=$root/migrations

# ---- the shipped revisions ----
database a
empty=$(dump a)
expect 0 "base (no revision is applied" "current of an empty database" migrate a current
expect 0 "revisions applied." "upgrade head" migrate a upgrade head
expect 0 "(head)" "current tells the head" migrate a current
expect 0 "Nothing to do." "a second upgrade does nothing" migrate a upgrade head
full=$(dump a)
generation=$(sql ${prefix}_a "SELECT generation FROM cabinet.catalog_state")
expect 0 "1 revision undone." "downgrade -1, as written" migrate a downgrade -1
expect 0 "1 revision applied." "upgrade +1" migrate a upgrade +1
same "$(dump a)" "$full" "down and up again gives the same schema"
same "$(sql ${prefix}_a "SELECT generation - $generation FROM cabinet.catalog_state")" 2 "each revision raises the generation"
expect 0 "undone." "downgrade base" migrate a downgrade base
same "$(dump a | sed '/SCHEMA cabinet/d')" "$(echo "$empty" | sed '/SCHEMA cabinet/d')" "downgrade base leaves nothing behind"
expect 0 "applied." "upgrade after downgrade base" migrate a upgrade head
same "$(dump a)" "$full" "the schema is the same as the first time"
same "$(sql ${prefix}_a "SELECT has_table_privilege('cabinet_app', 'public.user_secrets', 'SELECT') OR
    has_table_privilege('cabinet_app', 'public.audit_logs', 'UPDATE, DELETE, TRUNCATE') OR
    has_schema_privilege('cabinet_app', 'cabinet', 'CREATE') OR
    has_table_privilege('cabinet_app', 'cabinet.version', 'SELECT')")" f "the app role has no right too many"
same "$(sql ${prefix}_a "SELECT count(*) FROM pg_inherits WHERE inhparent = 'public.audit_logs'::regclass")" 5 \
    "upgrade makes the partitions of four months beside the default one"
sql ${prefix}_a "INSERT INTO audit_logs (action, date_created) VALUES ('late', date_trunc('month', now()) + '5 months')"
same "$(sql ${prefix}_a "SELECT cabinet.audit_partitions_ensure(5)")" 2 "partitions further ahead are made on demand"
same "$(sql ${prefix}_a "SELECT (SELECT count(*) FROM cabinet.audit_logs_default), (SELECT count(*) FROM audit_logs WHERE action = 'late')")" \
    "0|1" "entries in the default partition move over"

# ---- JSON and other looks ----
for words in "current" "history" "heads" "show head"; do
    # shellcheck disable=SC2086
    json=$(migrate a $words --json)
    same "$(sql ${prefix}_a "SELECT jsonb_typeof('$json'::jsonb) IS NOT NULL")" t "$words --json is JSON"
done
expect 0 "Usage: cabinet-migrate" "--help" migrate a --help
for words in upgrade downgrade current history heads show revision merge stamp derive gc; do
    expect 0 "Usage: cabinet-migrate [OPTION]... $words" "$words --help" migrate a $words --help
done
expect 0 "scratch database" "gc" migrate a gc

# ---- offline ----
database b
migrate b upgrade base:head --sql >"$work/up.sql" 2>"$work/out"
expect 0 "" "the script of base:head runs in psql" psql -Xq "$(url ${prefix}_b cabinet_owner)" -f "$work/up.sql"
same "$(dump b)" "$full" "the script gives the same schema"
expect 0 "(head)" "the script moves the version rows" migrate b current
expect 0 "Nothing to do." "the script's checksums are the runner's" migrate b upgrade head
expect 3 "other revisions than this script" "the script refuses a database that is elsewhere" \
    psql -Xq "$(url ${prefix}_b cabinet_owner)" -f "$work/up.sql"
migrate b downgrade base --sql >"$work/down.sql" 2>"$work/out"
expect 0 "" "the script of a downgrade runs" psql -Xq "$(url ${prefix}_b cabinet_owner)" -f "$work/down.sql"
expect 0 "base (no revision" "the script of a downgrade moves the version rows" migrate b current

# ---- refusals: one message, status 3, nothing changed ----
mkdir "$work/r"
folders=$work/r
database r
revision r aaaa "" "-- upgrade
CREATE TABLE a (id int PRIMARY KEY);" "-- downgrade
DROP TABLE a;"
revision r bbbb aaaa "-- upgrade
CREATE TABLE b (id int);
-- upgrade
CREATE TABLE b2 (id int);" "-- downgrade
DROP TABLE b2, b;"
migrate r upgrade head >/dev/null
revision r cccc bbbb "-- upgrade
CREATE TABLE c (id int);
ALTER TABLE c
  ADD COLUMN x nosuchtype;" "-- downgrade"
expect 1 "cccc.sql:9: type \"nosuchtype\" does not exist" "a refused statement is told with file and line" migrate r upgrade head
same "$(sql ${prefix}_r "SELECT to_regclass('c') IS NULL")" t "a refused segment is rolled back"
same "$(sql ${prefix}_r "SELECT error LIKE '%nosuchtype%' FROM cabinet.migration_log WHERE NOT ok")" t "and logged"
revision r cccc bbbb "-- upgrade
CREATE TABLE c (id int);" "-- downgrade
DROP TABLE c;"
cp "$work/r/aaaa.sql" "$work/keep"
echo "-- edited" >>"$work/r/aaaa.sql"
expect 3 "aaaa.sql was edited after it had been applied" "an edited file is refused" migrate r upgrade head
same "$(sql ${prefix}_r "SELECT to_regclass('c') IS NULL")" t "nothing ran"
expect 0 "" "stamp accepts the file" migrate r stamp bbbb
expect 0 "1 revision applied." "then it goes on" migrate r upgrade head
cp "$work/keep" "$work/r/aaaa.sql"
expect 3 "was edited" "the old text is the edited one now" migrate r upgrade head
migrate r stamp head
revision r dddd eeee "-- upgrade" "-- downgrade"
expect 3 "follows revision eeee, but no file" "a gap" migrate r upgrade head
revision r dddd "" "-- upgrade" "-- downgrade"
expect 3 "has two roots" "two roots" migrate r upgrade head
revision r dddd eeee "-- upgrade" "-- downgrade"
revision r eeee dddd "-- upgrade" "-- downgrade"
expect 3 "in a circle" "a circle" migrate r upgrade head
rm "$work/r/eeee.sql"
revision r dddd aaaa "-- upgrade" "-- downgrade"
expect 3 "Line cabinet has 2 heads" "two heads" migrate r upgrade head
expect 0 "_merge.sql" "merge joins them" migrate r merge
expect 0 "applied." "and then head is one" migrate r upgrade head
expect 0 "undone." "a merge can be undone" migrate r downgrade -1
same "$(sql ${prefix}_r "SELECT string_agg(revision, ' ' ORDER BY revision) FROM cabinet.version")" "cccc dddd" "to both heads"
migrate r upgrade head >/dev/null
mv "$work/r/dddd.sql" "$work/moved"
expect 3 "follows revision dddd, but no file" "a missing file" migrate r upgrade head
mv "$work/moved" "$work/r/dddd.sql"
sql ${prefix}_r "UPDATE cabinet.version SET revision = 'ffff'"
expect 3 "The database is at revision ffff, but no file" "an unknown revision in the database" migrate r current
migrate r stamp head
expect 3 "No revision zzzz" "an unknown target" migrate r upgrade zzzz
expect 2 "did you mean upgrade" "a mistyped command" migrate r upgarde head
expect 1 "No connection" "no such database" migrate nowhere current
if command -v perl >/dev/null; then
    # A server that only says which version it is.
    perl -e 'use IO::Socket::UNIX;
        my $server = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $ARGV[0], Listen => 1) or die;
        sub message { my ($type, $body) = @_; $type . pack("N", 4 + length $body) . $body }
        while (my $client = $server->accept) {
            sysread($client, my $startup, 10000);
            syswrite($client, message("R", pack("N", 0)) . message("S", "server_version\0" . "13.9\0") .
                message("S", "client_encoding\0UTF8\0") . message("K", pack("NN", 1, 2)) . message("Z", "I"));
            sysread($client, my $end, 10000);
        }' "$work/.s.PGSQL.5432" &
    old=$!
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ -S "$work/.s.PGSQL.5432" ] && break
        sleep 0.1
    done
    expect 1 "this is PostgreSQL 13, and 14 or later is needed" "a server that is too old" env CABINET_MIGRATIONS="$folders" \
        "$MIGRATE" --database "host=$work port=5432 user=x dbname=x" upgrade head
    kill $old
    wait $old 2>/dev/null
else
    echo "# SKIP a server that is too old: perl is not installed"
fi
expect 0 "_add_bio_to_users.sql" "revision writes a file" migrate r revision -m "Add bio to users"
expect 0 "applied." "an empty revision applies" migrate r upgrade head

# ---- two lines ----
mkdir "$work/s"
database s
folders=$root/migrations:$work/s
revision s s111 "" "-- upgrade
ALTER TABLE users ADD COLUMN bio text;" "-- downgrade
ALTER TABLE users DROP COLUMN bio;" site
expect 0 "the audit function of public.users is not the one that follows from its columns" \
    "head means both lines; a column without audit is told" \
    migrate s upgrade head
migrate s derive >"$work/derived.sql"
expect 0 "" "derive prints what a revision needs" psql -XqAt "$(url ${prefix}_s cabinet_owner)" -f "$work/derived.sql"
sql ${prefix}_s "INSERT INTO users (email, username, bio) VALUES ('a@b.example', 'anna', 'x'); UPDATE users SET bio = 'y'"
same "$(sql ${prefix}_s "SELECT before ->> 'bio', after ->> 'bio', user_id = (SELECT id FROM users) FROM audit_logs WHERE action = 'row_update'")" \
    "x|y|t" "and then the column is audited"
same "$(migrate s current | wc -l)" 2 "current tells both lines"
expect 0 "1 revision undone." "site is undone first" migrate s downgrade -1
same "$(sql ${prefix}_s "SELECT count(*) FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'bio'")" 0 "bio is gone"
expect 0 "1 revision applied." "LABEL@head" migrate s upgrade site@head
expect 0 "$work/s/" "a new revision is the site's" migrate s revision -m x
expect 0 "$work/20" "or of the line that is named" migrate s revision -m x --line cabinet --folder "$work"
expect 0 "Line: cabinet" "and says so" cat "$work"/20*_x.sql
mkdir "$work/both"
cp "$root"/migrations/*.sql "$work/s"/*.sql "$work/both/"
folders=$work/both
expect 3 "name one by --line" "of two lines in one folder one must be named" migrate s revision -m x

# ---- locks ----
mkdir "$work/l"
folders=$work/l
database l
revision l aaaa "" "-- upgrade
CREATE TABLE t (id int);" "-- downgrade
DROP TABLE t;"
migrate l upgrade head >/dev/null
revision l bbbb aaaa "-- upgrade
CREATE TABLE before (id int);
ALTER TABLE t ADD COLUMN x int;" "-- downgrade
ALTER TABLE t DROP COLUMN x;
DROP TABLE before;"
psql -Xq "$(url ${prefix}_l)" -c "BEGIN; LOCK TABLE t; SELECT pg_sleep(3); COMMIT" >/dev/null &
sleep 0.5
expect 5 "held up by process" "a lock that is not free is told of" migrate l upgrade head --lock-timeout=600ms --retries=0
expect 5 "55P03" "a lock that is not free is given up" migrate l upgrade head --lock-timeout=100ms --retries=0
same "$(sql ${prefix}_l "SELECT to_regclass('before') IS NULL")" t "with the whole segment"
expect 0 "1 revision applied." "or waited for in short tries" migrate l upgrade head
wait
revision l cccc bbbb "-- upgrade no-transaction
CREATE UNIQUE INDEX CONCURRENTLY t_x ON public.t (x);" "-- downgrade no-transaction
DROP INDEX CONCURRENTLY public.t_x;"
sql ${prefix}_l "INSERT INTO t (id, x) VALUES (1, 1), (2, 1)"
expect 1 "could not create unique index" "a failing concurrent index" migrate l upgrade head
same "$(sql ${prefix}_l "SELECT to_regclass('t_x') IS NULL")" t "leaves no invalid index behind"
sql ${prefix}_l "UPDATE t SET x = id; CREATE UNIQUE INDEX t_x ON t (x); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_x'::regclass"
expect 0 "1 revision applied." "an invalid index of that name is built anew" migrate l upgrade head
same "$(sql ${prefix}_l "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_x'::regclass")" t "and is valid"
expect 0 "1 revision undone." "and dropped concurrently" migrate l downgrade -1
migrate l upgrade head >/dev/null

# ---- what a kill leaves ----
# The log says that the segment began; its first statement ran, but nobody noted it.
revision l dddd cccc "-- upgrade
CREATE TABLE d1 (id int);
-- upgrade no-transaction
CREATE TABLE d2 (id int);
CREATE INDEX CONCURRENTLY d2_id ON d2 (id);
-- upgrade
CREATE TABLE d3 (id int);" "-- downgrade
DROP TABLE d1, d2, d3;"
sql ${prefix}_l "CREATE TABLE d3 (id int)"
expect 1 "already exists" "the third segment fails" migrate l upgrade head
expect 3 "stopped half-way" "a half-applied revision bars the way back" migrate l downgrade -1
sql ${prefix}_l "DROP TABLE d3; UPDATE cabinet.migration_log SET ok = NULL, statements_done = 1 WHERE revision = 'dddd' AND segment = 2"
sed 's/d2_id ON d2 (id)/d2_id ON d2 (id DESC)/' "$work/l/dddd.sql" >"$work/edited" && cp "$work/l/dddd.sql" "$work/keep" && cp "$work/edited" "$work/l/dddd.sql"
expect 3 "edited after it had begun" "a segment edited meanwhile is refused" migrate l upgrade head
cp "$work/keep" "$work/l/dddd.sql"
expect 0 "1 revision applied." "a rerun takes the finished index for done and completes" migrate l upgrade head
same "$(sql ${prefix}_l "SELECT string_agg(c.relname, ' ' ORDER BY 1) FROM pg_class c WHERE c.relname ~ '^d[0-9]'")" "d1 d2 d2_id d3" \
    "everything is there once"
expect 0 "1 revision undone." "and can be undone" migrate l downgrade -1

mkdir "$work/k"
folders=$work/k
before=
for n in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20; do
    revision k "k$n$n" "$before" "-- upgrade
CREATE TABLE k$n (id int, x int);
SELECT pg_sleep(0.05);
-- upgrade no-transaction
CREATE INDEX CONCURRENTLY k${n}_x ON public.k$n (x);
SELECT pg_sleep(0.05);
CREATE INDEX CONCURRENTLY k${n}_id ON public.k$n (id);
-- upgrade
ALTER TABLE k$n ADD CHECK (x > 0);" "-- downgrade
DROP TABLE k$n;"
    before=k$n$n
done
database k
expect 0 "20 revisions applied." "twenty revisions" migrate k upgrade head
whole=$(dump k)
database j
n=0
kills=0
while [ $n -lt 20 ]; do
    n=$((n + 1))
    start j -q upgrade head >"$work/out" 2>&1 &
    sleep "0.$(printf '%02d' $(((n * 37) % 29 + 1)))"
    kill -9 $! 2>/dev/null && kills=$((kills + 1))
    wait $! 2>/dev/null
done
expect 0 "" "after $kills kills a rerun completes" migrate j upgrade head
same "$(dump j)" "$whole" "the schema equals that of an undisturbed run"
same "$(sql ${prefix}_j "SELECT count(*), count(DISTINCT revision) FROM cabinet.migration_log WHERE ok AND segment = segments")" \
    "20|20" "each revision was completed once"

database p
start p -q upgrade head >"$work/out1" 2>&1 &
one=$!
migrate p -q upgrade head >"$work/out2" 2>&1
two=$?
wait $one
cat "$work/out1" "$work/out2" >"$work/out"
same "$? $two" "0 0" "two runners at once both succeed"
same "$(sql ${prefix}_p "SELECT count(*), count(DISTINCT revision) FROM cabinet.migration_log WHERE ok AND segment = segments")" \
    "20|20" "each revision was applied once"
grep -q "waiting for another runner: process" "$work/out"
ok $? "the one that waited said for whom"
same "$(dump p)" "$whole" "the schema is that of one runner"

# ---- signals ----
revision k kzzz k2020 "-- upgrade
CREATE TABLE slow (id int);
SELECT pg_sleep(60);" "-- downgrade"
start p upgrade head >"$work/out" 2>&1 &
sleep 0.7
kill -TERM $!
wait $!
same "$?" 1 "TERM ends a run at once"
same "$(sql ${prefix}_p "SELECT to_regclass('slow') IS NULL, count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()")" "t|0" "and rolls back"

# ---- speed ----
rm "$work/k/kzzz.sql"
# median COMMAND...: of nine runs, in tenths of a millisecond.
median() {
    for _ in 1 2 3 4 5 6 7 8 9; do
        began=$(date +%s%N)
        "$@" >/dev/null 2>&1
        echo $((($(date +%s%N) - began) / 100000))
    done | sort -n | sed -n 5p
}
mine=$(median migrate p upgrade head)
floor=$(median psql -XAtq "$(url ${prefix}_p cabinet_owner)" -c 'SELECT 1')
echo "# upgrade with nothing to do: $((mine / 10)).$((mine % 10)) ms; psql with SELECT 1: $((floor / 10)).$((floor % 10)) ms"
[ "$mine" -lt 300 ] || [ "$mine" -lt $((floor * 4)) ]
ok $? "an upgrade with nothing to do is fast"

echo "1..$((passed + failed))"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
