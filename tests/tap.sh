# shellcheck shell=sh
# TAP of shell tests: sourced by scripts that set work, a folder of their own, before the first check, and end with
# `exit "$failed"`.
failed=0
ok() { echo "ok - $1"; }
# not_ok TITLE [TEXT…]: with the first lines of what is known.
not_ok() { echo "not ok - $1"; shift; [ $# = 0 ] || printf '%s\n' "$@" | head -n 20 | sed 's/^/#   /'; failed=1; }
# check TITLE COMMAND…: passes where the command succeeds; the end of what it printed is shown otherwise.
check() {
    tap_title=$1
    shift
    if "$@" > "$work/said" 2>&1; then ok "$tap_title"; else not_ok "$tap_title" "$(tail -n 20 "$work/said")"; fi
}
is() { [ "$1" = "$2" ] || { echo "$1 is not $2"; return 1; }; }
