#!/bin/sh
# shellcheck shell=dash
# What nginx decides by itself, on an instance whose settings are changed meanwhile: the limit on logins, the address of
# clients behind a proxy, and pools without workers.  Prints TAP.  usage: edge.sh ROOT   (CABINET_VAR names the instance)
set -u
PROGRAM=edge
ROOT=$1
SANITIZER_ENV=''
for part in lib.sh lib-packages.sh lib-process.sh lib-postgres.sh lib-nginx.sh lib-build.sh lib-instance.sh; do
    # shellcheck disable=SC1090
    . "$ROOT/deploy/$part"
done
set_folders
make_folders
PG_BIN=$(postgres_bin)
SBIN=$VAR/installed/sbin
# shellcheck source=tests/tap.sh
. "$ROOT/tests/tap.sh"

ask() { # PATH ARGUMENT…: status in $status, head in $work/head, body in $work/body
    path=$1
    shift
    status=$(curl --noproxy '*' -s -D "$work/head" -o "$work/body" -w '%{http_code}' "$@" "$url$path")
}
login() { ask /api/v1/auth/login -d "username=$1&password=not-the-password" -H "X-Forwarded-For: ${2:-}"; }
# What was answered is printed, for the case that it is not what is wanted.
answered() { echo "$status"; cat "$work/head" "$work/body"; }
has_status() { answered; [ "$status" = "$1" ]; }
has_header() { answered; grep -qiE "$1" "$work/head"; }
is_problem() { has_status "$1" && has_header '^content-type: application/problem\+json' && grep -q "\"code\":\"$2\"" "$work/body"; }
has_retry_after() { has_header '^retry-after: [0-9]+'; }

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# ---- a low limit ----
LOGIN_RATE=30r/m LOGIN_BURST=5
instance_start >&2
url=http://127.0.0.1:$HTTP_PORT
tries=0 status=0
while [ "$tries" -lt 100 ] && [ "$status" != 429 ]; do
    tries=$((tries + 1))
    login nobody-here
done
check "too many logins are 429" is_problem 429 throttled
check "429 says when to try again" has_retry_after
ask /api/v1/auth/register -H 'Content-Type: application/json' -d '{}'
check "registering shares the limit" is_problem 429 throttled
ask '/api/v1/auth/oauth/any/callback?code=not-for-logs&state=x'
check "coming back from a provider shares it" is_problem 429 throttled
is_not_logged() { ! grep -s "$1" "$LOG"/*.log; }
check "and leaves its code in no log" is_not_logged not-for-logs
ask /api/v1/users/me
check "other routes do not" is_problem 401 unauthenticated

# ---- the folder of a console, which is empty ----
ask /console
check "/console leads to /console/" has_status 301
ask /console/
check "without a console there is nothing" is_problem 404 not_found
ask /console/../../cabinet.env --path-as-is
check "nor a way out of its folder" is_problem 400 malformed_request

# ---- tries with one name from one address, counted by all workers together ----
LOGIN_RATE=1000r/s LOGIN_BURST=10000
name=nobody-$(date +%s)
env_put "$ENV_FILE" LOGIN_ATTEMPTS 7
instance_start >&2
sleep 1     # the old workers of nginx finish
tries=0 status=0
while [ "$tries" -lt 20 ] && [ "$status" != 429 ]; do
    tries=$((tries + 1))
    login "$name"
done
check "the eighth try with a name is 429" is_problem 429 throttled
check "no sooner and no later" is "$tries" 8
check "it says when to try again" has_retry_after
check "the limit is told" has_header '^ratelimit-policy: "login";q=7;w=60'
check "nothing is left of it" has_header '^ratelimit: "login";r=0;t=[0-9]+'
login "other-$name"
check "another name is not limited by it" is_problem 401 bad_credentials
check "the rest of the limit is told" has_header '^ratelimit: "login";r=6;t=60'
instance_stop_pools
instance_start >&2
login "$name"
check "the limit outlives the workers" is_problem 429 throttled
env_put "$ENV_FILE" LOGIN_ATTEMPTS 0

# ---- a trusted proxy ----
env_put "$ENV_FILE" TRUSTED_PROXIES '127.0.0.1, 10.0.0.0/8'
instance_start >&2
sleep 1     # the old workers of nginx finish
last_address() {
    superuser_psql -d cabinet -At -c "SELECT host(ip) FROM public.audit_logs WHERE action = 'login_failed' ORDER BY id DESC LIMIT 1"
}
address_is() { is "$(last_address)" "$1"; }
login nobody-here 203.0.113.9
check "a trusted proxy names the client" address_is 203.0.113.9
login nobody-here '198.51.100.1, 203.0.113.10, 10.1.2.3'
check "what the client made up before it does not count" address_is 203.0.113.10
env_put "$ENV_FILE" TRUSTED_PROXIES ''
instance_start >&2
sleep 1
login nobody-here 203.0.113.9
check "without trusted proxies the header is nothing" address_is 127.0.0.1

# ---- no workers ----
instance_stop_pools
ask /api/v1/users/me
check "without a worker it is 503" is_problem 503 overloaded
check "503 says when to try again" has_retry_after
ask /api/v1/auth/login -d 'username=a&password=b'
check "the other pool too" is_problem 503 overloaded
instance_start >&2
ask /health/ready
check "and back again" has_status 200
exit "$failed"
