# shellcheck shell=dash
# The instance's private nginx: its files are those of deploy/nginx with the words between @ filled in, and lie in
# VAR/nginx.  Needs lib.sh and lib-process.sh.

# render FILE: prints it; @NAME@ becomes the value of the variable R_NAME of the environment.
render() {
    awk '{
        rest = $0; line = ""
        while (match(rest, /@[A-Z_]+@/)) {
            name = "R_" substr(rest, RSTART + 1, RLENGTH - 2)
            if (!(name in ENVIRON)) { print FILENAME ": no value for " name > "/dev/stderr"; exit 1 }
            line = line substr(rest, 1, RSTART - 1) ENVIRON[name]
            rest = substr(rest, RSTART + RLENGTH)
        }
        print line rest
    }' "$1"
}

# setting NAME DEFAULT: of the settings file.
setting() {
    local value
    value=$(env_get "$ENV_FILE" "$1")
    printf %s "${value:-$2}"
}

# nginx_prepare HTTP-PORT HTTPS-PORT: writes the configuration and tries it.
nginx_prepare() {
    local files file loop6=
    NGINX=$(command -v nginx || echo /usr/sbin/nginx)
    [ -x "$NGINX" ] || die "nginx is not installed."
    mkdir -p "$VAR/nginx/temp" "$RT/web"
    nginx_certificate
    files=$(ulimit -Hn)
    case $files in unlimited) files=8192 ;; *) [ "$files" -le 8192 ] || files=8192 ;; esac
    grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null && loop6=yes
    (
        R_CONF=. R_FILES=$files R_CONNECTIONS=$((files / 2 - 16))
        R_WEB=$RT/src/src/web
        R_API_SOCKET=$RT/web/api.sock R_AUTH_SOCKET=$RT/web/auth.sock
        R_LISTEN="    listen 127.0.0.1:$1;
    listen 127.0.0.1:$2 ssl http2;"
        [ -z "$loop6" ] || R_LISTEN="$R_LISTEN
    listen [::1]:$1;
    listen [::1]:$2 ssl http2;"
        R_SERVER_NAME=localhost
        R_ACCESS_LOG=access.log
        R_CERTIFICATE=../tls.crt R_CERTIFICATE_KEY=../tls.key
        # It would bind every port of localhost.
        R_HSTS=
        R_REAL_IP=$(nginx_real_ip "$(setting TRUSTED_PROXIES '')")
        R_MAX_BODY=$(setting MAX_BODY 1048576)
        R_BULK_MAX_BODY=$(setting BULK_MAX_BODY 1073741824)
        R_BULK_REQUESTS=$(setting BULK_REQUESTS 4)
        R_READ_TIMEOUT=$(($(setting DB_POOL_TIMEOUT 30) + $(setting DB_STATEMENT_TIMEOUT 30) + 10))
        R_LOGIN_RATE=$(state_value LOGIN_RATE 300r/m)
        R_LOGIN_BURST=$(state_value LOGIN_BURST 100)
        R_REQUEST_RATE=1000r/s R_LIMITS="    # no limits of requests and connections here"
        export R_CONF R_WEB R_FILES R_CONNECTIONS R_API_SOCKET R_AUTH_SOCKET R_LISTEN R_SERVER_NAME R_ACCESS_LOG R_CERTIFICATE \
            R_CERTIFICATE_KEY R_HSTS R_REAL_IP R_MAX_BODY R_BULK_MAX_BODY R_BULK_REQUESTS R_READ_TIMEOUT R_LOGIN_RATE R_LOGIN_BURST \
            R_REQUEST_RATE R_LIMITS
        mkdir -p "$VAR/nginx/conf"
        for file in "$ROOT"/deploy/nginx/*.conf; do
            render "$file" > "$VAR/nginx/conf/$(basename "$file")" || exit 1
        done
    ) || die "the configuration of nginx could not be written to $VAR/nginx."
    ln -sfn "$RT/var/log/access.log" "$VAR/nginx/access.log"
    touch "$LOG/access.log" "$LOG/nginx.log"
    own www-data "$VAR/nginx" "$RT/web" "$LOG/access.log" "$VAR/mail"
    chmod 750 "$RT/web"
    nginx_run -t >"$RUN/nginx-test" 2>&1 ||
        die "nginx does not accept its configuration: $(grep -E 'emerg|crit|alert' "$RUN/nginx-test" | head -n 1)"
}

nginx_run() {
    # shellcheck disable=SC2086
    $AS_WEB env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$NGINX" -p "$RT/var/nginx/" -c conf/quickstart.conf -e stderr "$@"
}

# Lines for addresses or networks separated by commas, or none.
nginx_real_ip() {
    [ -n "$1" ] || return 0
    printf '%s\n' "$1" | tr -s ', ' '\n' | sed -n 's/..*/    set_real_ip_from &;/p'
    echo '    real_ip_header X-Forwarded-For;'
    echo '    real_ip_recursive on;'
}

# A certificate for localhost, signed by itself, renewed a month before its end.
nginx_certificate() {
    openssl x509 -checkend 2592000 -noout -in "$VAR/nginx/tls.crt" >/dev/null 2>&1 && return 0
    (
        umask 077
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -subj /CN=localhost \
            -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' \
            -keyout "$VAR/nginx/tls.key" -out "$VAR/nginx/tls.crt.new"
    ) >"$RUN/openssl" 2>&1 || die "the certificate could not be made: $(tail -n 1 "$RUN/openssl")"
    mv "$VAR/nginx/tls.crt.new" "$VAR/nginx/tls.crt"
}

nginx_start() {
    local stamp ticks=100
    stamp=$(cat "$VAR"/nginx/conf/*.conf "$VAR/nginx/tls.crt" | cksum)
    if process_pid nginx >/dev/null; then
        [ "$stamp" = "$(env_get "$STATE_FILE" NGINX_STAMP)" ] || kill -HUP "$(process_pid nginx)"
    else
        rm -f "$VAR/nginx/nginx.pid"
        start_process nginx "$AS_WEB" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            "$NGINX" -p "$RT/var/nginx/" -c conf/quickstart.conf -e stderr
        until [ -s "$VAR/nginx/nginx.pid" ]; do
            if ! process_pid nginx >/dev/null || [ "$ticks" = 0 ]; then
                die "nginx did not start: $(tail -n 1 "$LOG/nginx.log") (see $LOG/nginx.log)"
            fi
            ticks=$((ticks - 1))
            sleep 0.05
        done
    fi
    env_put "$STATE_FILE" NGINX_STAMP "$stamp"
}

nginx_stop() { stop_process nginx QUIT 5 TERM; }
