#!/bin/sh
# PostgreSQL under Patroni and etcd: the primary's host is killed under writes, another takes over, and the killed one
# comes back as its standby.  Prints TAP.
# usage: patroni.sh SOURCE PREFIX      (CABINET_TEST_POSTGRES_BIN names the server's programs)
set -u
SOURCE=$1 PREFIX=$2
# shellcheck source=tests/cluster/lib.sh
. "$SOURCE/tests/cluster/lib.sh"
title="failover by Patroni"
for program in etcd patroni; do
    command -v $program > /dev/null || skip_all "$title" "$program is not installed (packages patroni, etcd-server)"
done
begin
next_port; etcd=$port; next_port; peer=$port; next_port; p1=$port; next_port; p2=$port; next_port; r1=$port; next_port
r2=$port; next_port; http=$port

mkdir "$work/etcd"
start etcd etcd --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$etcd" \
    --advertise-client-urls "http://127.0.0.1:$etcd" --listen-peer-urls "http://127.0.0.1:$peer" \
    --initial-advertise-peer-urls "http://127.0.0.1:$peer" --initial-cluster "default=http://127.0.0.1:$peer"
wait_for 20 curl --noproxy '*' -sf "http://127.0.0.1:$etcd/health" || give_up "etcd runs"

# The sample, with this machine's ports and everybody trusted.
node_make() { # NAME SERVER-PORT REST-PORT
    mkdir "$work/node-$1" "$work/sock-$1"
    sed "s|^name: .*|name: $1|; s|10\.0\.0\.21:8008|127.0.0.1:$3|; s|10\.0\.0\.21:5432|127.0.0.1:$2|
        s|hosts: .*|hosts: 127.0.0.1:$etcd|; s|data_dir: .*|data_dir: $work/node-$1/data|
        s|bin_dir: .*|bin_dir: $CABINET_TEST_POSTGRES_BIN|; s|10\.0\.0\.0/24 scram-sha-256|127.0.0.1/32 trust|
        s|local all all peer|local all all trust|" "$SOURCE/deploy/examples/patroni.yml" > "$work/node-$1.yml"
    sed -i "s|^  pg_hba:|  pgpass: $work/node-$1/pgpass\\n  parameters:\\n    unix_socket_directories: '$work/sock-$1'\\n    fsync: 'off'\\n  pg_hba:|" "$work/node-$1.yml"
    [ -z "$as_postgres" ] || chown postgres "$work/node-$1" "$work/sock-$1" "$work/node-$1.yml"
}
node_start() { # NAME
    # shellcheck disable=SC2086
    (cd / && exec setsid $as_postgres patroni "$work/node-$1.yml") > "$work/patroni-$1.log" 2>&1 < /dev/null &
    echo $! > "$work/patroni-$1.pid"
    pids="$pids $!"
}
# As when its power goes: Patroni, its server, and every process of both.
node_kill() { # NAME
    server=$(head -n 1 "$work/node-$1/data/postmaster.pid")
    victims="$(tr ' ' '\n' < "/proc/$server/task/$server/children") $(children_of "$(pid_of "patroni-$1")")"
    kill -KILL "$(pid_of "patroni-$1")" "$server"
    for victim in $victims; do kill -KILL "$victim" 2>/dev/null; done
}
children_of() { tr ' ' '\n' < "/proc/$1/task/$1/children"; }
more_cleanup() {
    for file in "$work"/node-*/data/postmaster.pid; do [ -e "$file" ] && kill -QUIT "$(head -n 1 "$file")" 2>/dev/null; done
    sleep 1
}
role() { curl --noproxy '*' -s "http://127.0.0.1:$1/patroni" | json role; }
is_master() { [ "$(role "$1")" = master ] || [ "$(role "$1")" = primary ]; }

node_make one "$p1" "$r1"
node_make two "$p2" "$r2"
node_start one
wait_for 60 is_master "$r1" || give_up "Patroni starts the first server"
node_start two
synced() { pg "$1" postgres -c "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'" | grep -q 1; }
wait_for 90 synced "$p1" || give_up "the second server is the synchronous standby"
pg "$p1" postgres -f "$SOURCE/deploy/roles.sql" > "$work/roles.log" 2>&1 || give_up "the roles are made"
pg "$p1" postgres -c 'CREATE DATABASE cabinet OWNER cabinet_owner' || give_up "the database is made"
CABINET_MIGRATIONS=$SOURCE/migrations CABINET_MODELS=$SOURCE/src/models cabinet-migrate \
    --database "postgresql://cabinet_owner@127.0.0.1:$p1/cabinet" upgrade head > "$work/migrate.log" 2>&1 ||
    give_up "the database is migrated"
ok "Patroni runs a primary and a synchronous standby"

hosts=127.0.0.1:$p1,127.0.0.1:$p2
pool_settings "$work/api.env" "LISTEN=unix:$work/api.sock" "RUNTIME_FOLDER=$work" \
    "DATABASE_URL=postgresql://cabinet_app@$hosts/cabinet?target_session_attrs=read-write"
echo "upstream cabinet_api { server unix:$work/api.sock; }" > "$work/upstreams.conf"
pool_start api
nginx_start site "$http" "$work/upstreams.conf" 60s
check "an account is made" is "$(register someone)" 201
workers() { children_of "$(pid_of api)" | sort | grep .; }
before=$(workers)

# When the servers take writes again, seen without Cabinet: a commit that a standby has confirmed.  A commit whose wait was
# given up is told by a warning only.
pg "$p1" postgres -c 'CREATE TABLE probe (t timestamptz)'
probe() {
    until PGCONNECT_TIMEOUT=2 psql -XAtq -v ON_ERROR_STOP=1 -U postgres \
        "postgresql://$hosts/postgres?target_session_attrs=read-write" \
        -c "SET statement_timeout = '2s'" -c 'INSERT INTO probe VALUES (now())' > "$work/probe" 2>&1 && [ ! -s "$work/probe" ]; do
        sleep 0.1
    done
    now > "$work/back"
}

python3 "$SOURCE/tests/cluster/load.py" "$url" 80 6 writes "$work/failover" > "$work/failover.json" &
load=$!
sleep 5
killed=$(now)
node_kill one
probe &
probe=$!
pids="$pids $probe"
# Started again at once it would still hold the leader's key; a host that lost its power is back later than that.
check "the second server becomes the primary" wait_for 60 is_master "$r2"
node_start one
check "the first comes back as its standby" wait_for 60 synced "$p2"
wait $load
kill "$probe" 2>/dev/null
back=$(cat "$work/back" 2>/dev/null || echo 9999999999)
sed 's/^/# /' "$work/failover.json"
first=$(awk -v killed="$killed" '$3 == 201 && $1 + $2 > killed + 0.5 { printf "%.6f", $1 + $2; exit }' "$work/failover")
echo "# without the primary, the servers took writes again after $(awk -v a="$back" -v b="$killed" 'BEGIN { printf "%.3f", a - b }') s," \
    "Cabinet after $(awk -v a="${first:-9999999999}" -v b="$killed" 'BEGIN { printf "%.3f", a - b }') s"
check "service is back within 2 s of the servers" below "$(awk -v a="${first:-9999999999}" -v b="$back" 'BEGIN { printf "%.3f", a - b }')" 2
check "and not only for a moment" below 100 "$(awk -v first="${first:-9999999999}" '$3 == 201 && $1 >= first { n++ } END { print n + 0 }' "$work/failover")"
pg "$p2" cabinet -c "SELECT username FROM public.users" | sort > "$work/there"
sort "$work/failover.names" > "$work/acknowledged"
check "writes were acknowledged" below 100 "$(json good < "$work/failover.json")"
check "none of them is lost" is "$(comm -23 "$work/acknowledged" "$work/there" | wc -l)" 0
check "no worker was restarted" is "$(workers)" "$before"
exit "$failed"
