#!/bin/sh
# Runs the tour of README.md against an instance: each curl must get the status that stands above it.  Prints TAP.
# usage: readme.sh README.md http://127.0.0.1:PORT      (CABINET_VAR names the instance for deploy/quickstart run)
set -u
readme=$1 url=$2
cd "$(dirname "$readme")" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# The tour's commands; a comment of three digits is the status that the next request must get.
awk '/^<!-- tour -->/ { tour = 1 } /^<!-- end of tour -->/ { tour = 0 } tour && /^```sh/ { code = 1; next } /^```/ { code = 0 } tour && code' \
    "$readme" | sed "s|http://localhost:8000|$url|g" > "$work/tour.sh"
sed -nE 's/^# ([0-9]{3})$/\1/p' "$work/tour.sh" > "$work/expected"
: > "$work/got"

cat > "$work/run.sh" <<'END'
curl() {
    command curl --noproxy '*' -sS -o "$work/body" -w '%{http_code}\n' "$@" >> "$work/got"
    cat "$work/body"
}
END
cat "$work/tour.sh" >> "$work/run.sh"
export work
sh "$work/run.sh" > "$work/output" 2>&1

failed=0 n=0
while read -r expected; do
    n=$((n + 1))
    got=$(sed -n "${n}p" "$work/got")
    command=$(grep -n -A1 -E '^# [0-9]{3}$' "$work/tour.sh" | grep -vE '^(--|[0-9]+:)' | sed -n "${n}p" | cut -c1-100)
    if [ "$expected" = "$got" ]; then
        echo "ok - $command"
    else
        echo "not ok - expected $expected, got $got: $command"
        failed=1
    fi
done < "$work/expected"
if [ "$n" -lt 10 ] || [ "$(wc -l < "$work/got")" != "$n" ]; then
    echo "not ok - $n commands, $(wc -l < "$work/got") requests"
    failed=1
fi
[ "$failed" = 0 ] || sed 's/^/# /' "$work/output"
exit "$failed"
