# shellcheck shell=sh
# What the tests on more than one server share: clusters of PostgreSQL, pools, a small nginx, TAP.  Everything lies in
# one folder that goes at the end, and whatever was started is stopped by its pid.
#   PREFIX  where Cabinet is installed; SOURCE the clone; CABINET_TEST_POSTGRES_BIN the server's programs
# shellcheck source=tests/tap.sh
. "$SOURCE/tests/tap.sh"
pids=
skip_all() { echo "ok - $1 # skip $2"; exit 0; }
below() { awk -v a="$1" -v b="$2" 'BEGIN { if (a + 0 < b + 0) exit 0; print a " is not below " b; exit 1 }'; }
# By the clock of load.py.
now() { python3 -c 'import time; print("%.6f" % time.time())'; }

give_up() { not_ok "$1" "$(tail -n 5 "$work"/*.log 2>/dev/null)"; exit 1; }
# wait_for SECONDS COMMAND…
wait_for() {
    wait_until=$(($(date +%s) + $1))
    shift
    until "$@" > /dev/null 2>&1; do
        [ "$(date +%s)" -lt "$wait_until" ] || return 1
        sleep 0.1
    done
}

cleanup() {
    trap - EXIT
    for pid in $pids; do kill -TERM "$pid" 2>/dev/null; done
    for file in "$work"/*/postmaster.pid; do
        [ -e "$file" ] && kill -QUIT "$(head -n 1 "$file")" 2>/dev/null
    done
    sleep 1
    for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
    command -v more_cleanup > /dev/null && more_cleanup
    if [ -n "${CABINET_TEST_KEEP-}" ]; then echo "# kept $work"; else rm -rf "$work"; fi
}

begin() {
    work=$(mktemp -d /tmp/cabinet-cluster-XXXXXX) || exit 1
    chmod 755 "$work"
    trap cleanup EXIT
    trap 'exit 1' INT TERM HUP
    LD_LIBRARY_PATH=$PREFIX/lib
    export LD_LIBRARY_PATH
    PATH=$PREFIX/sbin:$CABINET_TEST_POSTGRES_BIN:$PATH:/usr/sbin
    # the server refuses to run as root
    if [ "$(id -u)" = 0 ]; then as_postgres="setpriv --reuid=postgres --regid=postgres --clear-groups"; else as_postgres=; fi
    key=$(head -c 36 /dev/urandom | base64)
}

# start NAME COMMAND…: in the background, log in work/NAME.log, pid in work/NAME.pid.
start() {
    start_name=$1
    shift
    "$@" > "$work/$start_name.log" 2>&1 < /dev/null &
    echo $! > "$work/$start_name.pid"
    pids="$pids $!"
}
pid_of() { cat "$work/$1.pid"; }

port=$((20000 + $$ % 20000))
# next_port: sets $port to one that is free.
next_port() {
    port=$((port + 1))
    while ss -Hltn "sport = :$port" | grep -q .; do port=$((port + 1)); done
}

# ---- PostgreSQL: work/NAME on a port of loopback, everybody there is trusted ----

pg_make() { # NAME
    mkdir "$work/$1"
    [ -z "$as_postgres" ] || chown postgres "$work/$1"
    (cd / && $as_postgres "$CABINET_TEST_POSTGRES_BIN/initdb" -D "$work/$1" --username=postgres --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync) > "$work/initdb.log" 2>&1 || give_up "a cluster is made"
    echo "host replication all 127.0.0.1/32 trust" >> "$work/$1/pg_hba.conf"
}
pg_start() { # NAME PORT [OPTION…]
    pg_name=$1 pg_port=$2
    shift 2
    # shellcheck disable=SC2086
    (cd / && exec $as_postgres "$CABINET_TEST_POSTGRES_BIN/postgres" -D "$work/$pg_name" -p "$pg_port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100 -c fsync=off \
        -c shared_preload_libraries=pg_stat_statements -c log_min_messages=warning "$@") \
        > "$work/$pg_name.log" 2>&1 < /dev/null &
    echo $! > "$work/$pg_name.pid"
    pids="$pids $!"
    wait_for 30 pg_isready -q -h 127.0.0.1 -p "$pg_port" || give_up "PostgreSQL $pg_name starts"
}
pg() { pg_port=$1; shift; psql -XAtq -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$pg_port" -U postgres -d "$@"; }
pg_database() { # PORT: roles, database, schema
    pg "$1" postgres -f "$SOURCE/deploy/roles.sql" > "$work/roles.log" 2>&1 || give_up "the roles are made"
    pg "$1" postgres -c 'CREATE DATABASE cabinet OWNER cabinet_owner' || give_up "the database is made"
    pg "$1" cabinet -c 'CREATE EXTENSION pg_stat_statements' || give_up "the extension is made"
    CABINET_MIGRATIONS=$SOURCE/migrations CABINET_MODELS=$SOURCE/src/models cabinet-migrate \
        --database "postgresql://cabinet_owner@127.0.0.1:$1/cabinet" upgrade head > "$work/migrate.log" 2>&1 ||
        give_up "the database is migrated"
}

# ---- pools ----

# pool_settings FILE LINE…
pool_settings() {
    pool_file=$1
    shift
    {
        printf '%s\n' "SECRET_KEY=$key" DB_POOL_SIZE=6 DB_MAX_OVERFLOW=4 DB_CONNECT_TIMEOUT=2 LISTEN_MODE=0666 \
            REGISTRATIONS_PER_ADDRESS=0 LOGIN_ATTEMPTS=0 \
            PASSWORD_HASH_MEMORY=64 PASSWORD_HASH_TIME=1 "CABINET_MIGRATIONS=$SOURCE/migrations" \
            "MAIL_TEMPLATES=$SOURCE/src/mail/templates" "MAIL_FOLDER=$work" "$@"
    } > "$pool_file"
}
pool_start() { # NAME
    start "$1" env -i PATH="$PATH" LD_LIBRARY_PATH="$LD_LIBRARY_PATH" cabinetd --config "$work/$1.env"
    wait_for 30 grep -q 'ready: ' "$work/$1.log" || give_up "pool $1 starts"
}

# A site as small as may be: reads may be repeated on another host, writes never.  nginx_start NAME PORT UPSTREAMS-FILE
# READ-TIMEOUT
nginx_start() {
    mkdir "$work/$1"
    cat > "$work/$1/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $work/$1/nginx.pid;
error_log $work/$1/error.log;
events { worker_connections 1024; }
http {
    access_log $work/$1/access.log;
    client_body_temp_path $work/$1; fastcgi_temp_path $work/$1; proxy_temp_path $work/$1;
    uwsgi_temp_path $work/$1; scgi_temp_path $work/$1;
    include $3;
    fastcgi_read_timeout $4;
    map \$request_method \$lane { default write; GET read; HEAD read; }
    server {
        listen 127.0.0.1:$2;
        location / { rewrite ^ /_lane/\$lane last; }
        location = /_lane/read {
            internal;
            include $SOURCE/deploy/nginx/fastcgi.conf;
            fastcgi_next_upstream error timeout;
            fastcgi_pass cabinet_api;
        }
        location = /_lane/write {
            internal;
            include $SOURCE/deploy/nginx/fastcgi.conf;
            fastcgi_next_upstream off;
            fastcgi_pass cabinet_api;
        }
    }
}
CONF
    start "$1" nginx -c "$work/$1/nginx.conf"
    url=http://127.0.0.1:$2
    wait_for 20 curl --noproxy '*' -sfo /dev/null "$url/health/ready" || give_up "nginx answers"
}

ask() { curl --noproxy '*' -sS --max-time 60 "$@"; }
status() { ask -o /dev/null -w '%{http_code}' "$@"; }
json() { python3 -c 'import json, sys; print(json.load(sys.stdin).get(sys.argv[1], ""))' "$1"; }
# register NAME: makes an account; login NAME: its access token.
register() {
    ask -H 'Content-Type: application/json' -o /dev/null -w '%{http_code}' \
        -d "{\"email\":\"$1@example.org\",\"username\":\"$1\",\"password\":\"kr7.vole-hatch_92mx\"}" "$url/api/v1/auth/register"
}
login() { ask -d "username=$1" --data-urlencode 'password=kr7.vole-hatch_92mx' "$url/api/v1/auth/login" | json access_token; }
