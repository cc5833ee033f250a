# shellcheck shell=dash
# A whole instance: settings, database, migrations, workers, nginx.  Needs the other lib-*.sh.

SERVICES="housekeeping auth api"

# state_value NAME DEFAULT: of the environment, else what an earlier start was given, else DEFAULT.
state_value() {
    local value
    eval "value=\${$1-}"
    [ -n "$value" ] || value=$(env_get "$STATE_FILE" "$1")
    printf %s "${value:-$2}"
}

# Ports and the like stay as they were given until they are given again.
instance_choices() {
    HTTP_PORT=$(state_value HTTP_PORT 8000)
    HTTPS_PORT=$(state_value HTTPS_PORT 8443)
    local name value
    for name in HTTP_PORT HTTPS_PORT; do
        eval "value=\$$name"
        case $value in
            ''|*[!0-9]*) die "$name is not a number." ;;
        esac
        if [ "$value" -lt 1 ] || [ "$value" -gt 65535 ]; then
            die "$name must be between 1 and 65535."
        fi
    done
    [ "$HTTP_PORT" != "$HTTPS_PORT" ] || die "HTTP_PORT and HTTPS_PORT must differ."
}

instance_remember() {
    local name value
    env_put "$STATE_FILE" HTTP_PORT "$HTTP_PORT"
    env_put "$STATE_FILE" HTTPS_PORT "$HTTPS_PORT"
    for name in LOGIN_RATE LOGIN_BURST; do
        eval "value=\${$name-}"
        [ -z "$value" ] || env_put "$STATE_FILE" "$name" "$value"
    done
}

# Says which port is taken and by whom, while our nginx does not run on it.
instance_check_ports() {
    local name value holder
    if process_pid nginx >/dev/null && [ "$(env_get "$STATE_FILE" HTTP_PORT)" = "$HTTP_PORT" ] &&
        [ "$(env_get "$STATE_FILE" HTTPS_PORT)" = "$HTTPS_PORT" ]; then
        return 0
    fi
    for name in HTTP_PORT HTTPS_PORT; do
        eval "value=\$$name"
        holder=$(port_holder "$value")
        [ -z "$holder" ] ||
            die "port $value is in use by $holder; choose others, for example: HTTP_PORT=$(free_port $((HTTP_PORT + 80))) HTTPS_PORT=$(free_port $((HTTPS_PORT + 80))) deploy/quickstart"
    done
}

# Writes the settings on the first start; later only what depends on where the clone lies.
instance_settings() {
    local size
    if [ ! -e "$ENV_FILE" ]; then
        size=$(($(cores) * 2))
        [ "$size" -ge 4 ] || size=4
        (
            umask 077
            cat > "$ENV_FILE.new" <<END
# Settings of this instance, made by deploy/quickstart on its first start and read at every start.
# After a change run deploy/quickstart again.  All settings: README.md and deploy/cabinet.env.
FIRST_SUPERUSER=admin@example.com
FIRST_SUPERUSER_PASSWORD=$(random_hex 12)
SECRET_KEY=$(random_hex 48)
DB_POOL_SIZE=$size
DB_MAX_OVERFLOW=$((size * 2))
METRICS_LISTEN=127.0.0.1:$(free_port 9464)
END
            [ -z "${CABINET_EXTRA_ENV-}" ] || cat "$CABINET_EXTRA_ENV" >> "$ENV_FILE.new"
        ) || die "the settings could not be written to $ENV_FILE."
        mv "$ENV_FILE.new" "$ENV_FILE"
    fi
    if [ ! -e "$AUTH_ENV_FILE" ]; then
        (
            umask 077
            cat > "$AUTH_ENV_FILE.new" <<END
# What differs in the pool auth, which hashes passwords: few workers, so that a storm of logins leaves cores to reads, and
# a short queue, so that who cannot be served in time is told to come again (503).
DB_POOL_SIZE=$(cores)
DB_MAX_OVERFLOW=0
DB_POOL_TIMEOUT=10
END
            [ -z "${CABINET_EXTRA_AUTH_ENV-}" ] || cat "$CABINET_EXTRA_AUTH_ENV" >> "$AUTH_ENV_FILE.new"
        ) || die "the settings could not be written to $AUTH_ENV_FILE."
        mv "$AUTH_ENV_FILE.new" "$AUTH_ENV_FILE"
    fi
    [ -n "$(env_get "$STATE_FILE" APP_PASSWORD)" ] || env_put "$STATE_FILE" APP_PASSWORD "$(random_hex 16)"
    [ -n "$(env_get "$STATE_FILE" OWNER_PASSWORD)" ] || env_put "$STATE_FILE" OWNER_PASSWORD "$(random_hex 16)"
    env_put "$ENV_FILE" DATABASE_URL "$(postgres_url cabinet_app "$(env_get "$STATE_FILE" APP_PASSWORD)" cabinet)"
    env_put "$ENV_FILE" DATABASE_OWNER_URL "$(postgres_url cabinet_owner "$(env_get "$STATE_FILE" OWNER_PASSWORD)" cabinet)"
    [ -n "$(env_get "$ENV_FILE" CABINET_MODELS)" ] || env_put "$ENV_FILE" CABINET_MODELS "$RT/src/src/models"
    [ -n "$(env_get "$ENV_FILE" CABINET_MIGRATIONS)" ] || env_put "$ENV_FILE" CABINET_MIGRATIONS "$RT/src/migrations"
    [ -n "$(env_get "$ENV_FILE" MAIL_TEMPLATES)" ] || env_put "$ENV_FILE" MAIL_TEMPLATES "$RT/src/src/mail/templates"
    # Mail stays here, until a server is named in MAIL_SMTP_URL.
    [ -n "$(env_get "$ENV_FILE" MAIL_FOLDER)" ] || env_put "$ENV_FILE" MAIL_FOLDER "$RT/var/mail"
    mkdir -p "$VAR/mail" || die "the folder $VAR/mail could not be made."
    chmod 700 "$VAR/mail"
    own www-data "$VAR/mail"
    chmod 600 "$ENV_FILE" "$AUTH_ENV_FILE"
    own www-data "$ENV_FILE" "$AUTH_ENV_FILE"
}

# Roles, database, schema, first superuser; each only where it is not there yet.
instance_database() {
    local role
    superuser_psql -d postgres -f "$ROOT/deploy/roles.sql" >"$RUN/psql" 2>&1 ||
        die "the database roles could not be made: $(tail -n 1 "$RUN/psql")"
    # Passwords come by standard input: a command line is everybody's to read.
    for role in owner:OWNER_PASSWORD app:APP_PASSWORD; do
        printf "ALTER ROLE cabinet_%s PASSWORD '%s';\n" "${role%%:*}" "$(env_get "$STATE_FILE" "${role#*:}")"
    done | superuser_psql -d postgres >"$RUN/psql" 2>&1 ||
        die "the passwords of the database roles could not be set: $(tail -n 1 "$RUN/psql")"
    superuser_psql -d postgres >"$RUN/psql" 2>&1 <<'END' || die "the database could not be made: $(tail -n 1 "$RUN/psql")"
SELECT 'CREATE DATABASE cabinet OWNER cabinet_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'cabinet') \gexec
END
    instance_run cabinet-migrate upgrade head >"$LOG/migrate.log" 2>&1 ||
        die "the migration failed: $(tail -n 1 "$LOG/migrate.log") (all of it is in $LOG/migrate.log)"
    if [ -z "$(env_get "$STATE_FILE" SUPERUSER_MADE)" ]; then
        instance_run cabinet-admin create-superuser >"$LOG/superuser.log" 2>&1 ||
            die "the first superuser could not be made: $(tail -n 1 "$LOG/superuser.log")"
        env_put "$STATE_FILE" SUPERUSER_MADE yes
    fi
}

# instance_run COMMAND…: with the instance's settings as environment, and its programs first on the PATH.
instance_run() (
    env_export "$ENV_FILE"
    PATH=$SBIN:$PG_BIN:$PATH
    export PATH
    exec "$@"
)

# pool_start NAME ARGUMENT…: a master with the settings file, and a socket of its own.
pool_start() {
    local name=$1 nice=0 extra=
    shift
    if [ "$name" = auth ]; then
        # Logins wait rather than reads: lower priority beside a pool of their own.
        nice=5
        extra=$(grep '^[A-Z_]*=' "$AUTH_ENV_FILE" | tr '\n' ' ')
    fi
    touch "$LOG/$name.log"
    # ./.env of the clone counts below the settings file.
    # shellcheck disable=SC2086
    (cd "$RT/src" && start_process "$name" "$AS_WEB" nice -n "$nice" env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 HOME=/nonexistent \
        LISTEN="unix:$RT/web/$name.sock" RUNTIME_FOLDER="$RT/web" $SANITIZER_ENV $extra \
        "$SBIN/cabinetd" --config "$RT/var/cabinet.env" "$@")
}

instance_stamp() { cat "$ENV_FILE" "$AUTH_ENV_FILE" "$ROOT/.env" "$SBIN"/* "$SBIN"/.libs/* "$SBIN"/../lib/*.so 2>/dev/null | cksum; }

instance_start_pools() {
    local stamp name
    stamp=$(instance_stamp)
    if [ "$stamp" != "$(env_get "$STATE_FILE" POOLS_STAMP)" ]; then
        instance_stop_pools
    fi
    for name in $SERVICES; do
        process_pid "$name" >/dev/null && continue
        case $name in
            housekeeping) pool_start housekeeping --role=housekeeping ;;
            *) pool_start "$name" --pool "$name" ;;
        esac
    done
    env_put "$STATE_FILE" POOLS_STAMP "$stamp"
}

instance_stop_pools() {
    local name pid
    # Ask all first, so that they end side by side.
    for name in $SERVICES; do
        pid=$(process_pid "$name") && kill -TERM "$pid" 2>/dev/null
    done
    for name in $SERVICES; do stop_process "$name" TERM 15; done
}

# Starts whatever does not run; returns when the service answers.
instance_start() {
    instance_choices
    instance_check_ports
    choose_identity
    instance_settings
    postgres_prepare
    nginx_prepare "$HTTP_PORT" "$HTTPS_PORT"
    instance_remember
    postgres_start
    instance_database
    instance_start_pools
    nginx_start
    instance_wait_ready
}

# ready_code URL
ready_code() { curl -sk -o /dev/null -w '%{http_code}' --noproxy '*' --max-time 5 "$1/health/ready" || true; }

instance_wait_ready() {
    local ticks=600 name url code
    for url in "http://127.0.0.1:$HTTP_PORT" "https://127.0.0.1:$HTTPS_PORT"; do
        while code=$(ready_code "$url"); [ "$code" != 200 ]; do
            for name in $SERVICES nginx postgres; do
                process_pid "$name" >/dev/null || die "$name has ended: $(tail -n 1 "$LOG/$name.log") (see $LOG/$name.log)"
            done
            [ "$ticks" -gt 0 ] || die "$url was not ready within 60 s (last answer: $code); see $LOG"
            ticks=$((ticks - 1))
            sleep 0.1
        done
    done
}

instance_stop() {
    nginx_stop
    instance_stop_pools
    postgres_stop
    rm -rf "$RT/web" "$RT/pg"
}
