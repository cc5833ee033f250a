# shellcheck shell=dash
# Of host.sh: the service from outside, by https.

URL=https://api.test
# from outside: by name, with the authority of the test
outside() { command curl --noproxy '*' -sS --max-time 30 --cacert "$work/ca.pem" --resolve "api.test:443:$HOST_ADDRESS" "$@"; }
status_of() { outside -o /dev/null -w '%{http_code}' "$@"; }
is_ready() {
    local tick
    for tick in $(seq 100); do
        [ "$(status_of "$URL/health/ready" 2> /dev/null)" = 200 ] && return 0
        sleep 0.2
    done
    outside "$URL/health/ready"
    return 1
}

# README.md's own commands, with a deploy/quickstart that runs commands in the container.
tour() {
    mkdir -p "$work/readme/deploy"
    cp "$ROOT/README.md" "$work/readme/"
    cat > "$work/readme/deploy/quickstart" <<END
#!/bin/sh
shift
exec nsenter --target $HOST_LEADER --mount --uts --ipc --net --pid --root --wd sh -c \
    'set -a; . /etc/cabinet/cabinet.env; FIRST_SUPERUSER=admin@example.com FIRST_SUPERUSER_PASSWORD="a long superuser password 1"; exec "\$@"' sh "\$@"
END
    chmod +x "$work/readme/deploy/quickstart"
    printf 'cacert = "%s"\nresolve = "api.test:443:%s"\n' "$work/ca.pem" "$HOST_ADDRESS" > "$work/readme/.curlrc"
    CURL_HOME=$work/readme sh "$ROOT/tests/api/readme.sh" "$work/readme/README.md" "$URL"
}

speaks_http2() { [ "$(outside --http2 -o /dev/null -w '%{http_version}' "$URL/health/live")" = 2 ]; }
tells_of_https() {
    outside -D - -o /dev/null "$URL/api/v1/nothing" | grep -i '^strict-transport-security: max-age=63072000' &&
        outside -D - -o /dev/null "$URL/health/live" | grep -i '^strict-transport-security'
}
redirects_plain() {
    [ "$(command curl --noproxy '*' -sS -o /dev/null -w '%{http_code} %{redirect_url}' -H 'Host: api.test' "http://$HOST_ADDRESS/x?y=1")" = \
        "308 https://api.test/x?y=1" ] &&
        mkdir -p "$FOLDER/host/var/www/letsencrypt/.well-known/acme-challenge" &&
        echo answer > "$FOLDER/host/var/www/letsencrypt/.well-known/acme-challenge/token" &&
        command curl --noproxy '*' -sS "http://$HOST_ADDRESS/.well-known/acme-challenge/token" | grep -x answer
}
errors_are_problems() {
    outside -D "$work/head" -H 'X-Request-Id: deployment-test-1' "$URL/nothing" | grep '"request_id":"deployment-test-1"' &&
        grep -i '^content-type: application/problem+json' "$work/head" &&
        [ "$(head -c 2000000 /dev/zero | status_of --data-binary @- -H 'Content-Type: application/json' "$URL/api/v1/auth/login")" = 413 ]
}
shows_docs() { [ "$(status_of "$URL/docs/")" = 200 ]; }
# The package brings the folder; what lies in it is served, what does not is a problem.
serves_a_console() {
    local folder=$FOLDER/host/usr/share/cabinet/web/console
    outside "$URL/console/" | grep '"code":"not_found"' && [ "$(status_of "$URL/console/")" = 404 ] || return 1
    echo '<!doctype html><title>Console</title>' > "$folder/index.html"
    outside -D "$work/head" "$URL/console/" | grep '<title>Console' && rm "$folder/index.html" &&
        grep -i '^content-type: text/html; charset=utf-8' "$work/head" && grep -i "^content-security-policy: default-src 'none'; script-src" "$work/head" &&
        grep -i '^cache-control: no-cache' "$work/head" && grep -i '^etag' "$work/head" && [ "$(status_of "$URL/console/none.js")" = 404 ]
}
journal_has_fields() { inside journalctl -o json CABINET_POOL=api | grep '"SYSLOG_IDENTIFIER":"cabinet-api"'; }
metrics_are_not_for_everybody() { # no status but a refusal
    case $(status_of "$URL/metrics") in 403|404) ;; *) return 1 ;; esac
}

# A scan that was cut short has not come to the simulations of clients, its last part.
tls() {
    echo "$HOST_ADDRESS api.test" > "$work/hosts"
    rm -f "$work/testssl.csv"
    # by a hosts file of its own, in a mount namespace of its own
    unshare --mount sh -ec 'cat /etc/hosts >> "$1/hosts"; mount --bind "$1/hosts" /etc/hosts; shift; exec "$@"' sh "$work" \
        testssl --quiet --warnings off --color 0 --add-ca "$work/ca.pem" --csvfile "$work/testssl.csv" \
        --ip "$HOST_ADDRESS" --nodns none api.test:443 < /dev/null > "$work/testssl.log"
    grep '^"TLS1_3",.*"OK"' "$work/testssl.csv" && grep '^"clientsimulation-' "$work/testssl.csv" > /dev/null || return 1
    ! grep -E '","(MEDIUM|HIGH|CRITICAL|FATAL)","' "$work/testssl.csv"
}

test_serve() {
    tour > "$work/tour" 2>&1 || failed=1
    cat "$work/tour"
    check "HTTP/2" speaks_http2
    check "Strict-Transport-Security on answers and errors" tells_of_https
    check "plain HTTP leads to https; challenges of a certificate authority are answered" redirects_plain
    check "errors of nginx are problems with the request's id" errors_are_problems
    check "/docs" shows_docs
    check "/console: the files of its folder, and a problem where there are none" serves_a_console
    check "/metrics is guarded" metrics_are_not_for_everybody
    check "the journal knows the pool" journal_has_fields
    if command -v testssl > /dev/null; then
        check "testssl.sh finds nothing above LOW" tls
    else
        echo "ok - testssl.sh finds nothing above LOW # skip testssl.sh is not installed"
    fi
}
