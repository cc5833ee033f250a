# shellcheck shell=dash
# The instance's private PostgreSQL cluster in VAR/postgres: reached by a unix socket in RT/pg only, passwords by SCRAM,
# fsync on.  Needs lib.sh and lib-process.sh.

# The programs of the newest supported version, or nothing.
postgres_bin() {
    local version
    for version in ${CABINET_POSTGRES_VERSIONS:-17 16 15 14}; do
        if [ -x "/usr/lib/postgresql/$version/bin/postgres" ]; then
            printf %s "/usr/lib/postgresql/$version/bin"
            return
        fi
    done
}

# postgres_prepare: makes the cluster where there is none.  Sets PG_BIN, PG_PASSWORD.
postgres_prepare() {
    local version
    if [ -r "$VAR/postgres/PG_VERSION" ]; then
        version=$(cat "$VAR/postgres/PG_VERSION")
        PG_BIN=$(CABINET_POSTGRES_VERSIONS=$version postgres_bin)
        [ -n "$PG_BIN" ] || die "the database in $VAR/postgres was made by PostgreSQL $version, which is not installed any more; install postgresql-$version."
    else
        PG_BIN=$(postgres_bin)
        [ -n "$PG_BIN" ] || die "no PostgreSQL server of version 14 to 17 is installed."
        postgres_init
    fi
    PG_PASSWORD=$(env_get "$STATE_FILE" POSTGRES_PASSWORD)
    postgres_configure
    mkdir -p "$RT/pg"
    own postgres "$RT/pg" "$VAR/postgres"
    touch "$LOG/postgres.log"
}

postgres_init() {
    say "Making a private PostgreSQL $(basename "$(dirname "$PG_BIN")") cluster in $VAR/postgres"
    rm -rf "$VAR/postgres" "$VAR/postgres.new"
    PG_PASSWORD=$(random_hex 16)
    (umask 077; printf '%s\n' "$PG_PASSWORD" > "$RT/pwfile"; mkdir "$VAR/postgres.new")
    own postgres "$RT/pwfile" "$VAR/postgres.new"
    # shellcheck disable=SC2086
    $AS_POSTGRES "$PG_BIN/initdb" -D "$RT/var/postgres.new" --username=postgres --pwfile="$RT/pwfile" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --data-checksums >"$LOG/initdb.log" 2>&1 </dev/null || {
        rm -rf "$RT/pwfile" "$VAR/postgres.new"
        die "the database cluster could not be made: $(tail -n 1 "$LOG/initdb.log") (all of it is in $LOG/initdb.log)"
    }
    rm -f "$RT/pwfile"
    env_put "$STATE_FILE" POSTGRES_PASSWORD "$PG_PASSWORD"
    mv "$VAR/postgres.new" "$VAR/postgres"
}

# Rewrites the part of postgresql.conf that is ours; anything after it in postgresql.auto.conf (ALTER SYSTEM) wins.
postgres_configure() {
    local connections
    connections=$(($(pool_connections) + 20))
    [ "$connections" -ge 100 ] || connections=100
    cat > "$VAR/postgres/cabinet.conf" <<END
# Written by deploy/quickstart at each start; lasting changes go by ALTER SYSTEM.
listen_addresses = ''
unix_socket_directories = '$RT/pg'
port = 5432
max_connections = $connections
password_encryption = 'scram-sha-256'
fsync = on
synchronous_commit = on
shared_buffers = 128MB
max_wal_size = 1GB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d %a '
log_checkpoints = off
# no DETAIL: it shows values
log_error_verbosity = terse
logging_collector = off
END
    grep -q "^include 'cabinet.conf'" "$VAR/postgres/postgresql.conf" ||
        echo "include 'cabinet.conf'" >> "$VAR/postgres/postgresql.conf"
}

# Connections that the pools may open, all together.
pool_connections() {
    local file name total=0 value
    for file in "$ENV_FILE" "$AUTH_ENV_FILE"; do
        for name in DB_POOL_SIZE DB_MAX_OVERFLOW; do
            value=$(env_get "$file" "$name")
            total=$((total + ${value:-0}))
        done
    done
    echo "$total"
}

postgres_start() {
    local ticks=600 stamp
    stamp=$(cksum < "$VAR/postgres/cabinet.conf")
    if process_pid postgres >/dev/null && [ "$stamp" != "$(env_get "$STATE_FILE" POSTGRES_STAMP)" ]; then
        postgres_stop
    fi
    if ! process_pid postgres >/dev/null; then
        start_process postgres "$AS_POSTGRES" env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
            "$PG_BIN/postgres" -D "$RT/var/postgres"
        env_put "$STATE_FILE" POSTGRES_STAMP "$stamp"
    fi
    until "$PG_BIN/pg_isready" -q -h "$RT/pg" -p 5432; do
        process_pid postgres >/dev/null || die "PostgreSQL did not start: $(tail -n 1 "$LOG/postgres.log") (see $LOG/postgres.log)"
        [ "$ticks" -gt 0 ] || die "PostgreSQL was not ready within 60 s; see $LOG/postgres.log"
        ticks=$((ticks - 1))
        sleep 0.1
    done
}

# INT is the fast stop; QUIT, the immediate one, ends the backends too, and the log repairs the rest at the next start.
postgres_stop() { stop_process postgres INT 60 QUIT; }

postgres_url() { # USER PASSWORD DATABASE
    printf 'postgresql://%s:%s@/%s?host=%s&port=5432' "$1" "$2" "$3" "$RT/pg"
}

superuser_psql() {
    PGPASSWORD=$PG_PASSWORD PGOPTIONS='' "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h "$RT/pg" -p 5432 -U postgres "$@"
}
