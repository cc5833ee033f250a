#!/bin/sh
# A primary and a streaming replica: reads by the replica, a client that reads its own writes, a replica that goes, and a
# DATABASE_URL of two hosts that follows a failover under load.  Prints TAP.
# usage: replication.sh SOURCE PREFIX      (CABINET_TEST_POSTGRES_BIN names the server's programs)
set -u
SOURCE=$1 PREFIX=$2
# shellcheck source=tests/cluster/lib.sh
. "$SOURCE/tests/cluster/lib.sh"
begin

next_port; p1=$port; next_port; p2=$port; next_port; http=$port; next_port; metrics=$port

# ---- two servers; every commit waits for the replica, so a failover loses none ----

pg_make one
pg_start one "$p1" -c wal_level=replica -c synchronous_commit=local
pg_database "$p1"
mkdir -m 700 "$work/two"
[ -z "$as_postgres" ] || chown postgres "$work/two"
(cd / && $as_postgres pg_basebackup -h 127.0.0.1 -p "$p1" -U postgres -D "$work/two" -R -c fast --no-sync) \
    > "$work/basebackup.log" 2>&1 || give_up "a replica is made"
pg_start two "$p2" -c hot_standby=on -c max_standby_streaming_delay=1s
wait_for 20 sh -c "[ \"\$(psql -XAtq -h 127.0.0.1 -p $p1 -U postgres -c 'SELECT count(*) FROM pg_stat_replication')\" = 1 ]" ||
    give_up "the replica streams"
pg "$p1" cabinet -c 'ALTER ROLE cabinet_app SET synchronous_commit = on'
# after the copy was made: the new primary has nobody to wait for
pg "$p1" postgres -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c 'SELECT pg_reload_conf()' > /dev/null
ok "a primary and a replica run"

pool_settings "$work/api.env" "LISTEN=unix:$work/api.sock" "RUNTIME_FOLDER=$work" "METRICS_LISTEN=127.0.0.1:$metrics" \
    "DATABASE_URL=postgresql://cabinet_app@127.0.0.1:$p1,127.0.0.1:$p2/cabinet?target_session_attrs=read-write" \
    "DATABASE_READ_URL=postgresql://cabinet_app@127.0.0.1:$p2/cabinet" DB_STATEMENT_TIMEOUT=3 DB_LOCK_TIMEOUT=2
cat > "$work/upstreams.conf" <<CONF
upstream cabinet_api { server unix:$work/api.sock; }
CONF
pool_start api
nginx_start site "$http" "$work/upstreams.conf" 40s

# ---- reads by the replica, and of one's own writes ----

check "an account is made" is "$(register reader)" 201
token=$(login reader)
[ -n "$token" ] || give_up "logs in"
user() { ask -H "Authorization: Bearer $token" "$@"; }
rename() { user -D "$work/head" -o /dev/null -w '%{http_code}' -X PATCH -H 'Content-Type: application/merge-patch+json' -d "{\"username\":\"$1\"}" "$url/api/v1/users/me"; }
lsn() { sed -n 's/^[Xx]-[Rr]ead-[Aa]fter: \([0-9A-F/]*\).*/\1/p' "$work/head"; }
name() { user "$@" "$url/api/v1/users/me" | json username; }
log_of() { grep -a "request_id=$1\( \|\$\)" "$work/api.log" | tail -n 1; }
figure() { ask "http://127.0.0.1:$metrics/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }

wait_for 10 sh -c "[ \"\$(psql -XAtq -h 127.0.0.1 -p $p2 -U postgres -d cabinet -c 'SELECT count(*) FROM public.sessions')\" = 1 ]"
user -H 'X-Request-Id: by-replica-1' -o /dev/null "$url/api/v1/users/me"
by_replica() { log_of by-replica-1 | grep -q ' status=200 .* db=replica'; } # the line is written after the answer
check "a GET is answered by the replica" wait_for 5 by_replica
check "a write is answered, and by the primary" is "$(rename first-name)" 200
check "and tells where the log was" sh -c "printf '%s' \"\$1\" | grep -qE '^[0-9A-F]+/[0-9A-F]+\$'" sh "$(lsn)"
check "in a cookie too" grep -qiE '^set-cookie: cabinet_lsn=[0-9A-F]+/[0-9A-F]+; Max-Age=60; Path=/api/v1; HttpOnly; SameSite=Strict' "$work/head"

wait_for 10 sh -c "[ \"\$(psql -XAtq -h 127.0.0.1 -p $p2 -U postgres -d cabinet -c \"SELECT 1 FROM public.users WHERE username = 'first-name'\")\" = 1 ]"
pg "$p2" cabinet -c 'SELECT pg_wal_replay_pause()' > /dev/null
# its replay is paused, not its receiving: commits go on
check "a write goes on while the replica stands still" is "$(rename second-name)" 200
after=$(lsn)
check "without the position the replica answers what it has" is "$(name)" first-name
before=$(figure cabinet_replica_behind_total)
check "with it in the header the primary answers" is "$(name -H "X-Read-After: $after")" second-name
check "and with it in the cookie" is "$(name -H "Cookie: cabinet_lsn=$after")" second-name
check "which is counted" is "$(figure cabinet_replica_behind_total)" "$((before + 2))"
check "a position that is none is passed over" is "$(name -H 'X-Read-After: 0/0; DROP TABLE users')" first-name
fresh=$(login second-name)
check "a session that the replica does not know yet is found" is "$(ask -H "Authorization: Bearer $fresh" -o /dev/null -w '%{http_code}' "$url/api/v1/users/me")" 200
pg "$p2" cabinet -c 'SELECT pg_wal_replay_resume()' > /dev/null
caught_up() { name -H "X-Read-After: $after" -H 'X-Request-Id: caught-up-1' | grep -q second-name && log_of caught-up-1 | grep -q db=replica; }
check "a replica that has caught up answers again" wait_for 10 caught_up

# pg_stat_statements is there: its figures have the names of the statements
ask "http://127.0.0.1:$metrics/metrics" > "$work/metrics"
check "statements are told by name" grep -qE '^cabinet_statement_calls_total\{statement="(guard|account|session|audit)_[a-z_]+",' "$work/metrics"
if command -v promtool > /dev/null; then
    check "promtool accepts all of it" sh -c "promtool check metrics < '$work/metrics'"
else
    echo "ok - promtool accepts all of it # skip promtool is not installed (package prometheus)"
fi

# ---- the replica goes and comes ----

workers() { tr ' ' '\n' < "/proc/$(pid_of api)/task/$(pid_of api)/children" | sort | grep .; }
pg "$p1" postgres -c "ALTER SYSTEM SET synchronous_standby_names = ''" -c 'SELECT pg_reload_conf()' > /dev/null
before=$(workers)
kill -QUIT "$(pid_of two)"
python3 "$SOURCE/tests/cluster/load.py" "$url" 4 4 reads "$work/gone" "$token" > "$work/gone.json"
good=$(json good < "$work/gone.json") total=$(json total < "$work/gone.json")
check "reads go on without the replica ($total)" is "$good" "$total"
check "none waits long for it" below "$(json slowest < "$work/gone.json")" 3
pg_start two "$p2" -c hot_standby=on
back() { user -H 'X-Request-Id: replica-back-1' -o /dev/null "$url/api/v1/users/me"; log_of replica-back-1 | grep -q db=replica; }
check "it answers again when it is back" wait_for 15 back

# ---- a commit that the replica does not confirm is no success ----

pg "$p1" postgres -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c 'SELECT pg_reload_conf()' > /dev/null
in_sync() { pg "$p1" postgres -c "SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')" | grep -qx 1; }
wait_for 20 in_sync || give_up "commits wait for the replica"
receiver=$(pg "$p2" postgres -c 'SELECT pid FROM pg_stat_wal_receiver')
kill -STOP "$receiver"
register unconfirmed > "$work/unconfirmed"
kill -CONT "$receiver"
check "a write that no standby confirms is answered 503" is "$(cat "$work/unconfirmed")" 503
check "and writes go on when it confirms again" is "$(register confirmed)" 201

# ---- failover: the primary is killed under writes, the replica promoted ----

python3 "$SOURCE/tests/cluster/load.py" "$url" 14 6 writes "$work/failover" > "$work/failover.json" &
load=$!
sleep 4
killed=$(now)
for child in $(tr ' ' '\n' < "/proc/$(pid_of one)/task/$(pid_of one)/children"); do kill -KILL "$child" 2>/dev/null; done
kill -KILL "$(pid_of one)"
sleep 1
$as_postgres pg_ctl -D "$work/two" promote > "$work/promote.log" 2>&1
wait_for 10 sh -c "[ \"\$(psql -XAtq -h 127.0.0.1 -p $p2 -U postgres -c 'SELECT pg_is_in_recovery()')\" = f ]" || give_up "the replica is promoted"
promoted=$(now)
wait $load
sed 's/^/# /' "$work/failover.json"
first=$(awk -v killed="$killed" '$3 == 201 && $1 + $2 > killed + 0.5 { printf "%.6f", $1 + $2; exit }' "$work/failover")
check "writes go on at the new primary within 2 s" below "$(awk -v a="${first:-9999999999}" -v b="$promoted" 'BEGIN { printf "%.3f", a - b }')" 2
check "many were acknowledged before and after" below 100 "$(json good < "$work/failover.json")"
psql -XAtq -h 127.0.0.1 -p "$p2" -U postgres -d cabinet -c "SELECT username FROM public.users" | sort > "$work/there"
sort "$work/failover.names" > "$work/acknowledged"
check "no acknowledged write is lost" is "$(comm -23 "$work/acknowledged" "$work/there" | wc -l)" 0
check "no worker was restarted" is "$(workers)" "$before"
exit "$failed"
