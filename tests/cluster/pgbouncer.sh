#!/bin/sh
# PgBouncer in transaction mode between the workers and the server: three connections for ten workers, with nothing of
# one caller left for the next.  Prints TAP.
# usage: pgbouncer.sh SOURCE PREFIX
set -u
SOURCE=$1 PREFIX=$2
# shellcheck source=tests/cluster/lib.sh
. "$SOURCE/tests/cluster/lib.sh"
PATH=$PATH:/usr/sbin
command -v pgbouncer > /dev/null || skip_all "PgBouncer in transaction mode" "pgbouncer is not installed"
begin
next_port; p1=$port; next_port; bouncer=$port; next_port; http=$port

pg_make one
pg_start one "$p1"
pg_database "$p1"
pg "$p1" postgres -f "$SOURCE/deploy/examples/pgbouncer-role.sql" > "$work/role.log" 2>&1 || give_up "the role is set up"
mkdir "$work/bouncer"
sed "s|^cabinet = .*|cabinet = host=127.0.0.1 port=$p1 dbname=cabinet|; s|^listen_port = .*|listen_port = $bouncer|
    s|^auth_type = .*|auth_type = any|; /^auth_file/d; s|^default_pool_size = .*|default_pool_size = 3|
    s|^cabinet = \(.*\)|cabinet = \1 user=cabinet_app|" "$SOURCE/deploy/examples/pgbouncer.ini" > "$work/bouncer/pgbouncer.ini"
printf 'unix_socket_dir =\nadmin_users = cabinet_app\nlogfile = %s\n' "$work/bouncer/log" >> "$work/bouncer/pgbouncer.ini"
[ -z "$as_postgres" ] || chown -R postgres "$work/bouncer"
# shellcheck disable=SC2086
start pgbouncer $as_postgres "$(command -v pgbouncer)" "$work/bouncer/pgbouncer.ini"
wait_for 10 psql -XAtq -h 127.0.0.1 -p "$bouncer" -U cabinet_app -d cabinet -c 'SELECT 1' || give_up "PgBouncer runs"
pool_settings "$work/api.env" "LISTEN=unix:$work/api.sock" "RUNTIME_FOLDER=$work" DB_PREPARED=false DB_POOL_SIZE=10 \
    "DATABASE_URL=postgresql://cabinet_app@127.0.0.1:$bouncer/cabinet"
echo "upstream cabinet_api { server unix:$work/api.sock; }" > "$work/upstreams.conf"
pool_start api
nginx_start site "$http" "$work/upstreams.conf" 40s

check "an account is made" is "$(register someone)" 201
token=$(login someone)
[ -n "$token" ] || give_up "logs in"
python3 "$SOURCE/tests/cluster/load.py" "$url" 5 8 writes "$work/writes" > "$work/writes.json" &
load=$!
python3 "$SOURCE/tests/cluster/load.py" "$url" 5 8 reads "$work/reads" "$token" > "$work/reads.json"
wait $load
sed 's/^/# /' "$work/writes.json" "$work/reads.json"
check "every write of 8 clients is done" is "$(json good < "$work/writes.json")" "$(json total < "$work/writes.json")"
check "every read of 8 more is answered" is "$(json good < "$work/reads.json")" "$(json total < "$work/reads.json")"
check "by three connections at most" below "$(pg "$p1" postgres -c "SELECT count(*) FROM pg_stat_activity WHERE usename = 'cabinet_app'")" 4

# Whoever writes is named in the trail: a setting of the session would be another caller's.
for i in 1 2 3 4 5 6; do
    register "actor$i" > /dev/null
    login "actor$i" > "$work/token$i"
done
rename() { ask -o /dev/null -H "Authorization: Bearer $(cat "$work/token$1")" -X PATCH -H 'Content-Type: application/merge-patch+json' -d "{\"username\":\"actor$1-$2\"}" "$url/api/v1/users/me"; }
changes=
for i in 1 2 3 4 5 6; do
    (for j in 1 2 3 4 5 6 7 8 9 10; do rename "$i" "$j"; done) &
    changes="$changes $!"
done
# shellcheck disable=SC2086
wait $changes
check "each of 60 changes at once is its own caller's" is "$(pg "$p1" cabinet -c "SELECT count(*), count(*) FILTER (WHERE actor_id::text = row_key) FROM public.audit_logs WHERE action = 'row_update' AND after->>'username' LIKE 'actor%-%'")" '60|60'
check "statements keep their time-outs" is "$(psql -XAtq -h 127.0.0.1 -p "$bouncer" -U cabinet_app -d cabinet -c 'SHOW statement_timeout')" 30s
check "times are told in UTC" sh -c "curl --noproxy '*' -sS -H 'Authorization: Bearer $token' '$url/api/v1/users/me' | grep -qE '\"date_created\":\"[0-9T:.-]+Z\"'"
exit "$failed"
