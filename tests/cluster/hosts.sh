#!/bin/sh
# Two application hosts, each a network namespace, behind one nginx: one is cut off under load, as a host whose cable is
# pulled, and comes back.  Prints TAP.
# usage: hosts.sh SOURCE PREFIX
set -u
SOURCE=$1 PREFIX=$2
# shellcheck source=tests/cluster/lib.sh
. "$SOURCE/tests/cluster/lib.sh"
name=cabt$$
title="two application hosts behind one nginx"
[ "$(id -u)" = 0 ] || skip_all "$title" "network namespaces need root"
command -v ip > /dev/null || skip_all "$title" "ip is not installed (package iproute2)"
ip netns add "$name-a" 2>/dev/null || skip_all "$title" "no network namespace can be made here"
ip netns del "$name-a"
more_cleanup() {
    ip netns del "$name-a" 2>/dev/null
    ip netns del "$name-b" 2>/dev/null
    ip link del "${name}a0" 2>/dev/null
    ip link del "${name}b0" 2>/dev/null
}
begin
READ_TIMEOUT=4
next_port; p1=$port; next_port; http=$port

# host LETTER NUMBER: a namespace with a wire to ours.
host() {
    ip netns add "$name-$1" && ip link add "${name}${1}0" type veth peer name "${name}${1}1" &&
        ip link set "${name}${1}1" netns "$name-$1" && ip addr add "10.231.$2.1/30" dev "${name}${1}0" &&
        ip link set "${name}${1}0" up && ip -n "$name-$1" addr add "10.231.$2.2/30" dev "${name}${1}1" &&
        ip -n "$name-$1" link set "${name}${1}1" up && ip -n "$name-$1" link set lo up
}
host a 1 && host b 2 || skip_all "$title" "no virtual wire (veth) can be made here"

# The database is reached by its unix socket, which is the same file in every namespace: only the wire to nginx is cut.
pg_make one
mkdir "$work/sock" && chmod 777 "$work/sock"
pg_start one "$p1" -c unix_socket_directories="$work/sock"
pg_database "$p1"
for letter in a b; do
    [ $letter = a ] && number=1 || number=2
    mkdir "$work/run-$letter"
    pool_settings "$work/host-$letter.env" "LISTEN=10.231.$number.2:9000" "RUNTIME_FOLDER=$work/run-$letter" \
        "DATABASE_URL=postgresql://cabinet_app@/cabinet?host=$work/sock&port=$p1"
    start "host-$letter" ip netns exec "$name-$letter" env -i PATH="$PATH" \
        LD_LIBRARY_PATH="$LD_LIBRARY_PATH" cabinetd --config "$work/host-$letter.env"
    wait_for 30 grep -q 'ready: ' "$work/host-$letter.log" || give_up "host $letter starts"
done
sed 's/10\.0\.0\.11/10.231.1.2/; s/10\.0\.0\.12/10.231.2.2/; s/:9001/:9000/' "$SOURCE/deploy/examples/nginx-hosts.conf" \
    > "$work/upstreams.conf"
nginx_start site "$http" "$work/upstreams.conf" ${READ_TIMEOUT}s
check "an account is made" is "$(register someone)" 201
token=$(login someone)
[ -n "$token" ] || give_up "logs in"

requests_of() { grep -ac ' request method=GET path=/api/v1/users/me ' "$work/host-$1.log"; }
load() { python3 "$SOURCE/tests/cluster/load.py" "$url" "$1" 8 reads "$work/$2" "$token" > "$work/$2.json"; }

load 2 before
check "both hosts take load" sh -c "[ $(requests_of a) -gt 10 ] && [ $(requests_of b) -gt 10 ]"
load 14 cut &
load=$!
sleep 3
ip -n "$name-a" link set "${name}a1" down
sleep 5
cut_a=$(requests_of a)
sleep 1
check "the host that is cut off takes none" is "$(requests_of a)" "$cut_a"
ip -n "$name-a" link set "${name}a1" up
wait $load
sed 's/^/# /' "$work/cut.json"
check "no read failed" is "$(json good < "$work/cut.json")" "$(json total < "$work/cut.json")"
check "none took longer than the read time-out and a second" below "$(json slowest < "$work/cut.json")" $((READ_TIMEOUT + 1))
sleep 6
cut_a=$(requests_of a)
load 3 after
check "the host takes load again when it is back" below $((cut_a + 10)) "$(requests_of a)"
check "and no read failed" is "$(json good < "$work/after.json")" "$(json total < "$work/after.json")"

# ---- a host that stops in order is left without a failure, and a write is not sent twice ----

load 6 stop &
load=$!
sleep 2
kill -TERM "$(pid_of host-b)"
wait $load
check "a host that is stopped under load fails no read" is "$(json good < "$work/stop.json")" "$(json total < "$work/stop.json")"
exit "$failed"
