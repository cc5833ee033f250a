#!/bin/sh
# What a running instance tells of itself: /metrics as Prometheus reads it, the dashboard's figures, health, the time a
# request took, slow requests in the log.  Prints TAP.
# usage: monitoring.sh SOURCE http://127.0.0.1:PORT http://METRICS-ADDRESS LOG-FOLDER
#        (CABINET_TEST_ADMIN, CABINET_TEST_ADMIN_PASSWORD name a superuser; CABINET_VAR the instance)
set -u
source=$1 url=$2 metrics=$3 logs=$4
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/tap.sh
. "$source/tests/tap.sh"
ask() { curl --noproxy '*' -sS --max-time 20 "$@"; }
status() { ask -o /dev/null -w '%{http_code}' "$@"; }
scrape() { ask "$metrics/metrics" > "$work/metrics"; }
# figure SERIES: its value in the last scrape; 0 where it is not there.
figure() { awk -v series="$1" 'substr($0, 1, length(series) + 1) == series " " { print $NF; found = 1 } END { if (!found) print 0 }' "$work/metrics"; }
bigger() { awk -v a="$1" -v b="$2" 'BEGIN { if (a > b) exit 0; print a " is not above " b; exit 1 }'; }

token=$(ask -X POST -d "username=$CABINET_TEST_ADMIN" --data-urlencode "password=$CABINET_TEST_ADMIN_PASSWORD" \
    "$url/api/v1/auth/login" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
[ -n "$token" ] || { not_ok "logs in"; exit 1; }
admin() { ask -H "Authorization: Bearer $token" "$@"; }

# ---- the listener ----

check "metrics are served" scrape
check "their type is that of the format" sh -c "curl --noproxy '*' -sSI '$metrics/metrics' | tr -d '\\r' | grep -qix 'content-type: text/plain; version=0.0.4; charset=utf-8'"
check "nothing else is served there" is "$(status "$metrics/")" 404
check "and nothing is taken" is "$(status -X POST -d x "$metrics/metrics")" 405
check "the API's own address has no metrics" is "$(status "$url/metrics")" 404
if command -v promtool > /dev/null; then
    check "promtool accepts them" sh -c "promtool check metrics < '$work/metrics'"
    check "and the sample of alerts" promtool check rules "$source/deploy/examples/cabinet-alerts.yml"
else
    echo "ok - promtool accepts them # skip promtool is not installed (package prometheus)"
fi

# ---- figures follow what is done ----

series='cabinet_http_requests_total{method="GET",route="/api/v1/users/me",status="200"}'
before=$(figure "$series")
for _ in 1 2 3 4 5; do admin -o /dev/null "$url/api/v1/users/me"; done
status "$url/api/v1/users/me" > /dev/null
status "$url/api/v1/no/such/path/here" > /dev/null
scrape
check "requests are counted by route and status" is "$(figure "$series")" "$((before + 5))"
check "refusals too" bigger "$(figure 'cabinet_http_requests_total{method="GET",route="/api/v1/users/me",status="401"}')" 0
check "and what no route takes" bigger "$(figure 'cabinet_http_requests_total{method="",route="unmatched",status="404"}')" 0
check "with their times" bigger "$(figure 'cabinet_http_request_duration_seconds_sum{method="GET",route="/api/v1/users/me"}')" 0
check "and the database's part" bigger "$(figure 'cabinet_database_seconds_total{method="GET",route="/api/v1/users/me"}')" 0
for pool in api auth; do
    check "workers of pool $pool are counted" bigger "$(awk -v p="pool=\"$pool\"" '/^cabinet_pool_workers/ && index($0, p) { n += $NF } END { print n + 0 }' "$work/metrics")" 0
done
check "logins of the other pool are in the same figures" bigger "$(figure 'cabinet_http_requests_total{method="POST",route="/api/v1/auth/login",status="200"}')" 0
check "the database answered" is "$(figure cabinet_database_up)" 1
check "transactions are extracted" bigger "$(figure 'pg_stat_database_transactions_total{end="commit"}')" 0
check "the audit trail's partitions are counted" bigger "$(figure cabinet_audit_months_ahead)" 3
check "the mail queue is" grep -q '^cabinet_mail_queue{state="due"} [0-9]' "$work/metrics"
check "connections that were made are" bigger "$(figure cabinet_database_connects_total)" 0

# ---- the dashboard ----

cat > "$work/dashboard.py" <<'PY'
import json, re, sys
document = json.load(open(sys.argv[1]))
known = set(re.findall(r"^# TYPE (\S+) ", open(sys.argv[2]).read(), re.M))
known |= {"cabinet_statement_calls_total", "cabinet_statement_seconds_total"} if "--without-statements" in sys.argv else set()
expressions = [t["expr"] for p in document["panels"] for t in p["targets"]]
expressions += re.findall(r"^ *expr: (.*)$", open(sys.argv[3]).read(), re.M)
expressions += [str(v["query"]) for v in document["templating"]["list"]]
names = set(re.findall(r"\b((?:cabinet|pg)_[a-z_]+)", " ".join(expressions)))
unknown = sorted(n for n in names if n not in known and re.sub(r"_(bucket|sum|count)$", "", n) not in known)
if len(names) < 20 or unknown:
    sys.exit("%d names, not in /metrics: %s" % (len(names), unknown))
ids = [p["id"] for p in document["panels"]]
if len(set(ids)) != len(ids):
    sys.exit("two panels have one id")
PY
# Those of pg_stat_statements are there only where the extension is.
grep -q cabinet_statement_calls_total "$work/metrics" && without= || without=--without-statements
check "dashboard and alerts name figures that exist" python3 "$work/dashboard.py" "$source/deploy/grafana/cabinet.json" \
    "$work/metrics" "$source/deploy/examples/cabinet-alerts.yml" $without

# ---- health, times, slow requests ----

check "ready" is "$(status "$url/health/ready")" 200
ask "$url/health/ready" > "$work/ready"
check "with the schema's fingerprint and no warning" grep -qE '^\{"status":"ok","schema":"[0-9a-f]{32}","warnings":\[\]\}$' "$work/ready"
admin -D "$work/head" -o /dev/null "$url/api/v1/users/me"
check "superusers see where the time went" grep -qiE '^server-timing: total;dur=[0-9.]+, db;dur=[0-9.]+, queue;dur=[0-9]+' "$work/head"
ask -D "$work/head" -o /dev/null "$url/health/ready"
check "others do not" sh -c "! grep -qi '^server-timing' '$work/head'"
id=slow-$$-$(date +%s)
before=$(figure cabinet_slow_requests_total)
answer=$(admin -H "X-Request-Id: $id" -X POST -H 'Content-Type: application/json' -o /dev/null -w '%{http_code}' \
    -d '{"username":"nobody-is-called-so","password":"a wrong password"}' "$url/api/v1/auth/login")
check "a login that fails is refused" is "$answer" 401
line=$(grep -a "$id" "$logs/auth.log" | head -n 1)
check "each request has one line with its fields" sh -c "printf '%s' \"\$1\" | grep -qE ' (slow )?request method=POST path=/api/v1/auth/login route=/auth/login status=401 ms=[0-9.]+ db_ms=[0-9.]+ bytes=[0-9]+.* addr=[^ ]+ request_id=$id'" sh "$line"
check "a slow one tells its statements" sh -c "printf '%s' \"\$1\" | grep -qE ' warning: slow request .* statements=.*account_login'" sh "$line"
scrape
check "and is counted" bigger "$(figure cabinet_slow_requests_total)" "$before"
exit "$failed"
