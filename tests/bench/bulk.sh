#!/bin/sh
# Imports and exports of many rows through nginx and a worker, beside `psql \copy` of the same file into the same table,
# triggers and indexes included; prints seconds, ratios (above 1: faster than psql) and the largest memory of a worker, and
# fails where a ratio is below 0.5 or a worker had more than 32 MiB.
#
#   tests/bench/bulk.sh BUILD-FOLDER STATE-FOLDER [ROWS [HTTP-PORT [ROUNDS [TABLE…]]]]
#
# TABLE: bulk_rows, which has a trail and versions; bulk_plain, which has neither; both where none is named.
# PGHOST, PGPORT, PGUSER name a PostgreSQL server and a superuser of it, as for tests/bench/serve, which it starts.
set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd -P)
BUILD=$(cd "$1" && pwd -P)
mkdir -p "$2"
VAR=$(cd "$2" && pwd -P)
ROWS=${3:-1000000} PORT=${4:-8300} ROUNDS=${5:-1}
if [ $# -le 5 ]; then set -- bulk_rows bulk_plain; else shift 5; fi
slow=0
URL=http://127.0.0.1:$PORT/api/v1
export PGDATABASE=cabinet_bench

query() { psql -qAtX -v ON_ERROR_STOP=1 "$@"; }
now() { date +%s.%N; }

"$ROOT/tests/bench/serve" "$BUILD" "$VAR" 1000 2 "$PORT" > "$VAR/serve.out" &
serve=$!
trap 'kill -TERM $serve 2>/dev/null; wait $serve 2>/dev/null' EXIT
trap 'exit 1' INT TERM
tries=300
until grep -q '^tokens:' "$VAR/serve.out" 2>/dev/null && curl -sf -o "$VAR/ready" "${URL%/api/v1}/health/ready"; do
    kill -0 $serve || exit 1
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "the service is not ready; its logs are in $VAR"; exit 1; }
    sleep 0.2
done
token=$("$BUILD/bench-load" --config "$VAR/cabinet.env" --tokens 1 --superusers)

# As a model would have them: one with a trail and versions, one without.
for table in bulk_rows bulk_plain; do
    query -c "SELECT to_regclass('public.$table') IS NOT NULL" | grep -q t && continue
    off=; [ $table = bulk_rows ] || off=', audit(off)'
    query -c "SET ROLE cabinet_owner" -c "CREATE TABLE public.$table (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        code text NOT NULL UNIQUE, title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200), amount numeric(12,2),
        kind text, day date, moment timestamptz, is_open boolean NOT NULL DEFAULT true, note text,
        row_version bigint NOT NULL DEFAULT 1)" \
        -c "CREATE INDEX ON public.$table (kind, day)" -c "COMMENT ON TABLE public.$table IS 'Rows. @api(expose$off)'"
done
{ echo 'SET client_min_messages = fatal; SET ROLE cabinet_owner;'; "$BUILD/cabinet-migrate" --config "$VAR/cabinet.env" -q derive; } |
    psql -qX > "$VAR/derive.out" 2>&1
[ "$(query -c "SELECT string_agg(tgname, ',' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'public.bulk_rows'::regclass")" = \
    audit,audit_truncate,zz_audit ] || { echo "the triggers are not there: $VAR/derive.out"; exit 1; }
query -c "UPDATE cabinet.catalog_state SET generation = generation + 1"

columns=code,title,amount,kind,day,moment,is_open,note
[ "$(sed -n '$=' "$VAR/rows.csv" 2>/dev/null)" = $((ROWS + 1)) ] || query -c "COPY (SELECT 'c' || i AS code,
    'Title number ' || i AS title, (i % 100000) / 100.0 AS amount, (ARRAY['red','green','blue','none'])[1 + i % 4] AS kind,
    date '2020-01-01' + i % 2000 AS day, to_char(timestamp '2020-01-01' + i * interval '1 minute',
    'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS moment, CASE WHEN i % 3 = 0 THEN 'true' ELSE 'false' END AS is_open,
    CASE WHEN i % 5 = 0 THEN 'a note, with a comma and some \"words\" of ' || i END AS note
    FROM generate_series(1, $ROWS) AS i) TO STDOUT (FORMAT csv, HEADER)" > "$VAR/rows.csv"
query -c "CREATE TEMP TABLE r (code text, title text, amount numeric, kind text, day date, moment text, is_open boolean, note text)" \
    -c "\\copy r from '$VAR/rows.csv' (format csv, header)" \
    -c "\\copy (SELECT replace(row_to_json(r)::text, '\\\\', '\\\\\\\\') FROM r) to '$VAR/rows.copy'" && sed 's/\\\\\\\\/\\/g; s/\\\\/\\/g' "$VAR/rows.copy" > "$VAR/rows.ndjson"

clear() { query -c "TRUNCATE public.$1 RESTART IDENTITY" -c "TRUNCATE public.audit_logs" -c "VACUUM public.$1" -c CHECKPOINT; }
seconds() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", b - a }'; }
told() { # NAME SECONDS PSQL-SECONDS
    awk -v n="$1" -v s="$2" -v p="$3" -v r="$ROWS" 'BEGIN {
        printf "%-28s %8.2f s %9.0f rows/s   psql %8.2f s   ratio %.2f\n", n, s, r / s, p, p / s; exit p / s < 0.5 }' || slow=1
}
peak() { # largest resident memory that a worker had, KiB
    for status in /proc/[0-9]*/status; do
        grep -q '^Name:	cabinetd-worker' "$status" 2>/dev/null && grep -q "$VAR" "$(dirname "$status")/cmdline" && sed -n 's/^VmHWM:[	 ]*\([0-9]*\).*/\1/p' "$status"
    done | sort -n | tail -n 1
}
post() { # FILE TYPE TABLE
    answer=$(curl -s -T - "$URL/$3/_import" -X POST -H "Authorization: Bearer $token" -H "Content-Type: $2" -H 'Expect:' < "$1")
    case $answer in *"\"created\":$ROWS,"*) ;; *) echo "the import failed: $answer" | cut -c 1-300; exit 1 ;; esac
}

round=0
columns_out=id,$columns
while [ "$round" -lt "$ROUNDS" ]; do
    round=$((round + 1))
    for table; do
        clear "$table"
        a=$(now); query -c "\\copy public.$table ($columns) from '$VAR/rows.csv' (format csv, header)"; b=$(now)
        psql=$(seconds "$a" "$b")
        for type in text/csv:csv application/x-ndjson:ndjson; do
            clear "$table"
            a=$(now); post "$VAR/rows.${type#*:}" "${type%:*}" "$table"; b=$(now)
            told "$table import ${type#*:}" "$(seconds "$a" "$b")" "$psql"
        done
        a=$(now)
        query -c "\\copy (select $columns_out from public.$table order by id) to '$VAR/out.psql' (format csv, header)"
        b=$(now)
        psql=$(seconds "$a" "$b")
        for format in csv ndjson; do
            a=$(now)
            curl -sf "$URL/$table.$format?fields=$columns_out" -H "Authorization: Bearer $token" -o "$VAR/out.$format"
            b=$(now)
            told "$table export $format" "$(seconds "$a" "$b")" "$psql"
            [ "$(wc -l < "$VAR/out.$format")" -ge "$ROWS" ] || { echo "the export is short"; exit 1; }
        done
    done
done
peak=$(peak)
echo "largest worker: $peak KiB"
[ "$slow" = 0 ] || { echo "a ratio is below 0.5"; exit 1; }
[ "${peak:-32769}" -le 32768 ] || { echo "a worker had more than 32 MiB"; exit 1; }
