#!/bin/sh
# A migration on a busy database: while readers and writers make 200 requests a second against a table of 1,000,000 rows,
# a generated revision adds a nullable column, an index, a foreign key, a NOT NULL and a CHECK.  No statement may fail, none
# may take longer than a second.  CABINET_TEST_DATABASE_URL and MIGRATE as in runner.sh; ROWS for a smaller table.
set -u
: "${CABINET_TEST_DATABASE_URL:?must name a PostgreSQL server where the role may create databases}"
MIGRATE=${MIGRATE:-$PWD/cabinet-migrate}
ROWS=${ROWS:-1000000}
work=$(mktemp -d)
name=cabinet_test_busy_$$
unset DATABASE_URL DATABASE_OWNER_URL CABINET_SCRATCH_URL
export PGOPTIONS="-c client_min_messages=warning"
PGBENCH=$(command -v pgbench || ls /usr/lib/postgresql/*/bin/pgbench 2>/dev/null | tail -n 1)
[ -n "$PGBENCH" ] || { echo "1..0 # SKIP pgbench is not installed"; exit 0; }
case $CABINET_TEST_DATABASE_URL in
    *://*\?*) target="$CABINET_TEST_DATABASE_URL&dbname=$name" ;;
    *://*) target="$CABINET_TEST_DATABASE_URL?dbname=$name" ;;
    *) target="$CABINET_TEST_DATABASE_URL dbname=$name" ;;
esac
load=
cleanup() {
    [ -z "$load" ] || kill "$load" 2>/dev/null
    psql -XAtq "$CABINET_TEST_DATABASE_URL" -c "DROP DATABASE IF EXISTS $name WITH (FORCE)" >/dev/null 2>&1
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
mkdir "$work/models" "$work/migrations"
export CABINET_MODELS="$work/models" CABINET_MIGRATIONS="$work/migrations"
psql -XAtq "$CABINET_TEST_DATABASE_URL" -c "CREATE DATABASE $name TEMPLATE template0 ENCODING 'UTF8'" || exit 1

failed=0 count=0
ok() {
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" && return
    echo "not ok $count - $2"
    failed=1
    sed 's/^/#   /' "$work/out" | tail -n 20
}

cat >"$work/models/big.sql" <<'END'
CREATE TABLE public.kinds (id bigint PRIMARY KEY, name text);
COMMENT ON TABLE public.kinds IS '@api(audit(off))';
CREATE TABLE public.big (id bigint PRIMARY KEY, kind bigint, amount integer, note text);
COMMENT ON TABLE public.big IS '@api(audit(off))';
END
"$MIGRATE" --database "$target" revision --autogenerate -m base >"$work/out" 2>&1
ok $? "the base is written"
"$MIGRATE" --database "$target" upgrade head >"$work/out" 2>&1
ok $? "and applied"
psql -XAtq "$target" -c "INSERT INTO kinds SELECT i, 'k' || i FROM generate_series(1, 10) i" \
    -c "INSERT INTO big SELECT i, i % 10 + 1, i % 1000, 'note ' || i FROM generate_series(1, $ROWS) i" -c "VACUUM ANALYZE" >"$work/out" 2>&1
ok $? "$ROWS rows"
cat >"$work/models/big.sql" <<'END'
CREATE TABLE public.kinds (id bigint PRIMARY KEY, name text);
COMMENT ON TABLE public.kinds IS '@api(audit(off))';
CREATE TABLE public.big (id bigint PRIMARY KEY, kind bigint REFERENCES public.kinds (id), amount integer NOT NULL, note text,
    extra text, CONSTRAINT big_amount CHECK (amount >= 0));
COMMENT ON TABLE public.big IS '@api(audit(off))';
CREATE INDEX big_amount_id ON public.big (amount, id);
END
"$MIGRATE" --database "$target" revision --autogenerate -m "five changes" >"$work/out" 2>&1
ok $? "the change is written and proved"

printf '%s\n' "\\set id random(1, $ROWS)" "SELECT id, amount, note FROM public.big WHERE id = :id;" >"$work/read.sql"
printf '%s\n' "\\set id random(1, $ROWS)" "\\set n random(0, 999)" "UPDATE public.big SET amount = :n WHERE id = :id;" >"$work/write.sql"
"$PGBENCH" -n -R 200 -c 4 -j 1 -T 25 -l --log-prefix="$work/log" -f "$work/read.sql" -f "$work/write.sql" "$target" >"$work/load" 2>&1 &
load=$!
sleep 2
"$MIGRATE" --database "$target" upgrade head --lock-timeout 500ms >"$work/out" 2>&1
ok $? "applied while 200 requests a second go on"
kill -0 "$load" 2>/dev/null
ok $? "which still do"
wait "$load" 2>/dev/null
ok $? "no client of the load gave up"
load=
grep -hiE 'error|aborted' "$work/load" >"$work/out"
[ ! -s "$work/out" ]
ok $? "no statement failed"
cat "$work"/log.* | awk '{ n++; if ($3 > most) most = $3; if ($3 > 1000000) slow++ }
    END { printf "%d requests, the slowest %.0f ms, %d slower than 1 s\n", n, most / 1000, slow; exit n < 100 || slow > 0 }' >"$work/out"
ok $? "none was slower than 1 s"
echo "# $(cat "$work/out")"
"$MIGRATE" --database "$target" check >"$work/out" 2>&1
ok $? "the database is what its revisions made"
echo "1..$count"
exit $failed
