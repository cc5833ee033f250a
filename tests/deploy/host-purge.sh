# shellcheck shell=dash
# Of host.sh: removal, and what purge leaves.

removes() {
    inside apt-get -q -y remove cabinet && [ -e "$FOLDER/host/etc/cabinet/cabinet.env" ] &&
        ! inside systemctl is-active 'cabinet*' && inside nginx -t
}
comes_back() { inside apt-get -q -y --no-install-recommends install cabinet && inside grep 'the operator says' /etc/cabinet/cabinet.env; }
purges() {
    inside apt-get -q -y purge cabinet libcabinet0 libcabinet-dev > "$work/purge" 2>&1 || { cat "$work/purge"; return 1; }
    grep 'roles cabinet_owner and cabinet_app, and backups in /var/backups/cabinet' "$work/purge"
}
leaves_nothing() {
    local left
    inside true || return 1
    left=$(inside find / -xdev \( -path /proc -o -path /sys -o -path /var/backups/cabinet -o -path /var/lib/postgresql -o -path /var/lib/pgbackrest -o -path /var/spool/pgbackrest \
        -o -path /var/cache/apt -o -path /var/lib/apt -o -path /var/log/journal -o -path /repository -o -path /root -o -path /run/systemd \
        -o -path /etc/apt/sources.list.d/cabinet.list \) -prune -o -iname '*cabinet*' -print)
    left=$left$(inside getent passwd cabinet cabinet-admin; inside getent group cabinet cabinet-admin)
    [ -z "$left" ] || { echo "$left"; return 1; }
}
leaves_data() {
    [ "$(inside runuser -u postgres -- psql -XAtd cabinet -c 'SELECT count(*) > 1 FROM users')" = t ] &&
        inside runuser -u postgres -- psql -XAtc "SELECT rolname FROM pg_roles" | grep -x cabinet_app && newest | grep dump
}

test_purge() {
    check "removal keeps the settings, stops the service, and nginx goes on" removes
    check "installed again, it has its settings" comes_back
    check "purge says what it leaves" purges
    check "and leaves nothing else" leaves_nothing
    check "database, roles and backups are there" leaves_data
}
