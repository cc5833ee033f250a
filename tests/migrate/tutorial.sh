#!/bin/sh
# shellcheck shell=dash
# Runs what README.md shows between <!-- tutorial --> and <!-- end of tutorial --> on an instance of its own, in a folder
# that has copies of the models and migrations, so that the clone stays clean.  Every curl must get the status of the
# comment above it, every other command must succeed.  Prints TAP.  usage: tutorial.sh ROOT PREFIX
set -u
ROOT=$1
export CABINET_BUILD=$2
PROGRAM=tutorial-test
# shellcheck disable=SC1091
. "$ROOT/deploy/lib.sh"
clone_of=$ROOT
work=$(mktemp -d) || exit 1
chmod 755 "$work"
mkdir "$work/clone" "$work/clone/src"
for name in "$clone_of"/* "$clone_of"/src/*; do
    case ${name#"$clone_of"/} in
        src | var | migrations | src/models) ;;
        *) ln -s "$name" "$work/clone/${name#"$clone_of"/}" ;;
    esac
done
cp -r "$clone_of/migrations" "$work/clone/migrations"
cp -r "$clone_of/src/models" "$work/clone/src/models"
ROOT=$work/clone
export CABINET_VAR="$work/var" QUICKSTART_SKIP_PACKAGES=1
mkdir "$CABINET_VAR"
set_folders
cleanup() {
    "$ROOT/deploy/quickstart" stop >/dev/null 2>&1
    rm -rf "$work" "$RT"
}
trap cleanup EXIT
HTTP_PORT=$(free_port 18950) HTTPS_PORT=$(free_port 19350)
export HTTP_PORT HTTPS_PORT work
"$ROOT/deploy/quickstart" >"$work/start" 2>&1 || { sed 's/^/# /' "$work/start"; echo "Bail out! the instance does not start"; exit 1; }

cat >"$work/tutorial.sh" <<'END'
tell() {
    if [ "$1" = 0 ]; then
        echo "ok - $2" >> "$work/results"
    else
        { echo "not ok - $2"; head -c 800 "$work/body" | sed 's/^/#   /'; echo; } >> "$work/results"
    fi
}
expect() { echo "$1" > "$work/expected"; }
curl() {
    expected=$(cat "$work/expected")
    got=$(command curl --noproxy '*' -sS -o "$work/body" -w '%{http_code}' "$@" 2>> "$work/errors")
    [ "$got" = "$expected" ]
    tell $? "$got for $(printf '%s ' "$@" | tr '\n' ' ' | cut -c1-100)"
    cat "$work/body"
}
run() {
    "$@" > "$work/body" 2>&1
    tell $? "$*"
}
END
awk '
    /^<!-- tutorial -->/ { on = 1 }
    /^<!-- end of tutorial -->/ { on = 0 }
    /^```sh/ { code = 1; next }
    /^```/ { code = 0 }
    on && code {
        if ($0 ~ /^# [0-9][0-9][0-9]$/) print "expect " $2
        else if ($0 ~ /^deploy\//) print "run " $0
        else print
    }' "$clone_of/README.md" | sed "s|http://localhost:8000|http://127.0.0.1:$HTTP_PORT|g; s|/tmp/packages|$work/packages|g" >>"$work/tutorial.sh"
(cd "$ROOT" && sh "$work/tutorial.sh") >"$work/output" 2>>"$work/errors"

wanted=$(grep -cE '^run |curl -s' "$work/tutorial.sh") got=$(grep -cE '^(not )?ok ' "$work/results")
if [ "$wanted" -ge 7 ] && [ "$wanted" = "$got" ]; then
    echo "ok - all $wanted steps of the tutorial were made"
else
    echo "not ok - the tutorial has $wanted steps, $got were made"
fi >>"$work/results"
{ [ "$(find "$ROOT/migrations" -name '*_add_bio.sql' | wc -l)" = 1 ] && echo "ok - the migration was written" ||
    echo "not ok - the migration was not written"; } >>"$work/results"
# The second tour: a second import changes nothing, and the export is what was imported, byte for byte but for the order.
(
    url=http://127.0.0.1:$HTTP_PORT/api/v1 rows=$(wc -l < "$work/packages.ndjson")
    token=$(curl -s "$url/auth/login" -d username=tess -d 'password=correct horse battery 9' | sed 's/.*"access_token": *"\([^"]*\)".*/\1/')
    fields=package,version,architecture,section,priority,size,installed_size,maintainer,homepage,depends,description,sha256
    curl -s -o "$work/again" -T "$work/packages.ndjson" -X POST -H "Authorization: Bearer $token" \
        -H 'Content-Type: application/x-ndjson' "$url/packages/_import?on_conflict=package,version,architecture"
    curl -s -o "$work/exported" "$url/packages.ndjson?fields=$fields"
    curl -s -o "$work/found" "$url/packages?search=web+server&section=httpd&sort=-size&fields=package,size"
    LC_ALL=C sort "$work/packages.ndjson" > "$work/wanted.sorted"
    LC_ALL=C sort "$work/exported" > "$work/exported.sorted"
    if [ "$rows" -lt 1000 ]; then
        echo "ok - the package index has only $rows rows here, so it says little # skip apt-get update was not run"
    else
        echo "ok - the package index has $rows rows"
    fi
    case $(cat "$work/again") in
        *"\"created\":0,\"changed\":0,\"unchanged\":$rows,"*) echo "ok - a second import changes nothing" ;;
        *) echo "not ok - a second import changes nothing: $(head -c 300 "$work/again")" ;;
    esac
    cmp "$work/wanted.sorted" "$work/exported.sorted" >&2 && echo "ok - the export is the index, byte for byte" ||
        echo "not ok - the export is the index, byte for byte"
    [ "$rows" -lt 1000 ] || { grep -q '"package":"apache2' "$work/found" && echo "ok - the search finds a web server" ||
        echo "not ok - the search finds a web server: $(head -c 300 "$work/found")"; }
) >>"$work/results" 2>>"$work/errors"
cat "$work/results"
sed 's/^/# /' "$work/errors" | head -n 20
! grep -q '^not ok' "$work/results"
