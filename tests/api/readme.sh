#!/bin/sh
# Runs what README.md shows between <!-- tour --> and <!-- end of tour --> against an instance: each curl must get the
# status of the comment above it, or a success where none stands there.  Prints TAP.
# usage: readme.sh README.md http://127.0.0.1:PORT      (CABINET_VAR names the instance for deploy/quickstart run)
set -u
readme=$1 url=$2
cd "$(dirname "$readme")" || exit 1
work=$(mktemp -d) || exit 1
export work
trap 'rm -rf "$work"' EXIT

cat > "$work/tour.sh" <<'END'
expect() { echo "$1" > "$work/expected"; }
curl() {
    expected=$(cat "$work/expected" 2>/dev/null)
    rm -f "$work/expected"
    got=$(command curl --noproxy '*' -sS -o "$work/body" -w '%{http_code}' "$@" 2>> "$work/errors")
    title=$(printf '%s ' "$@" | tr '\n' ' ' | cut -c1-110)
    case $got in
        ${expected:-2??}) echo "ok - $title" >> "$work/results" ;;
        *)
            echo "not ok - expected ${expected:-2xx}, got $got: $title" >> "$work/results"
            head -c 500 "$work/body" | sed 's/^/#   /' >> "$work/results"
            echo >> "$work/results" ;;
    esac
    cat "$work/body"
}
END
awk '
    /^<!-- tour -->/ { tour = 1 }
    /^<!-- end of tour -->/ { tour = 0 }
    /^```sh/ { code = 1; next }
    /^```/ { code = 0 }
    tour && code { if ($0 ~ /^# [0-9][0-9][0-9]$/) print "expect " $2; else print }' "$readme" |
    sed "s|http://localhost:8000|$url|g" > "$work/commands"
cat "$work/commands" >> "$work/tour.sh"
sh "$work/tour.sh" > "$work/output" 2>> "$work/errors"

# What the text promises is what was asked for: no request got lost.
wanted=$(grep -c 'curl ' "$work/commands") got=$(grep -cE '^(not )?ok ' "$work/results")
if [ "$wanted" -ge 20 ] && [ "$wanted" = "$got" ]; then
    echo "ok - all $wanted requests of README.md were made"
else
    echo "not ok - README.md has $wanted requests, $got were made"
fi
cat "$work/results"
sed 's/^/# /' "$work/errors" | head -n 20
! grep -q '^not ok' "$work/results"
