# shellcheck shell=dash
# Of host.sh: what is done to a running service, under load.

# load_begin: four clients that read, and change their own account, and one that logs in; each answer's status goes to a
# file.  Fails where the clients are not let in.
load_begin() {
    local n token
    rm -f "$work"/load.*
    for n in 1 2 3 4 5; do
        outside -o /dev/null "$URL/api/v1/auth/register" -H 'Content-Type: application/json' \
            -d "{\"email\": \"load$n@example.com\", \"username\": \"load$n\", \"password\": \"a load of horses $n\"}"
        # by address: the name changes under load
        token=$(outside "$URL/api/v1/auth/login" -d "username=load$n@example.com" --data-urlencode "password=a load of horses $n" |
            sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')
        [ "$(status_of "$URL/api/v1/users/me" -H "Authorization: Bearer $token")" = 200 ] || return 1
        load_config "$n" "$token" > "$work/load.config.$n"
    done
    for n in 1 2 3 4 5; do
        load_client "$n" &
        echo $! > "$work/load.pid.$n"
    done
    sleep 1
}

# 100 requests on one connection, then another connection.
load_config() { # N TOKEN
    local i
    for i in $(seq 100); do
        [ "$i" = 1 ] || echo next
        if [ "$1" = 5 ]; then
            printf 'url = "%s/api/v1/auth/login"\ndata = "username=load5@example.com&password=a+load+of+horses+5"\n' "$URL"
        else
            printf 'url = "%s/api/v1/users/me"\nheader = "Authorization: Bearer %s"\n' "$URL" "$2"
            [ $((i % 10)) != 0 ] ||
                printf 'request = PUT\nheader = "Content-Type: application/json"\ndata = "{\\"username\\": \\"load%s-%s\\"}"\n' "$1" "$i"
        fi
        printf 'cacert = "%s/ca.pem"\nresolve = "api.test:443:%s"\nnoproxy = "*"\nsilent\nshow-error\nmax-time = 30\n' "$work" "$HOST_ADDRESS"
        printf 'output = /dev/null\nwrite-out = "%%{http_code}\\n"\n'
    done
}

load_client() {
    trap 'exit 0' TERM
    while [ ! -e "$work/load.stop" ]; do
        command curl -K "$work/load.config.$1" >> "$work/load.status.$1" 2>> "$work/load.errors" || echo failed >> "$work/load.status.$1"
    done
}

# Ends the load; prints how many requests there were, and those that did not get 200.
load_end() {
    local n
    ls "$work"/load.pid.* > /dev/null 2>&1 || return 0
    touch "$work/load.stop"
    for n in 1 2 3 4 5; do wait "$(cat "$work/load.pid.$n")" 2> /dev/null; done
    cat "$work"/load.status.* | sort | uniq -c | sort -rn | tr -s ' \n' ' ' > "$work/load.sum"
    rm -f "$work"/load.pid.* "$work/load.stop"
}
no_request_failed() {
    cat "$work/load.sum"
    cat "$work/load.errors"
    [ "$(cat "$work"/load.status.* | sort -u)" = 200 ] && [ "$(cat "$work"/load.status.* | wc -l)" -gt 200 ] &&
        [ "$(wc -l < "$work/load.status.5")" -gt 3 ]
}

# under_load TITLE COMMAND…: it works, and no request fails meanwhile.
under_load() {
    local title=$1
    shift
    check "clients are let in" load_begin
    check "$title, under load" "$@"
    sleep 1
    load_end
    check "no request fails meanwhile ($(cat "$work/load.sum"))" no_request_failed
}

main_pid() { inside systemctl show -P MainPID "cabinet@$1.service"; }

reload() { local i; for i in 1 2 3; do inside systemctl reload cabinet@api cabinet@auth && sleep 1 || return 1; done; }
restart() { local i; for i in 1 2 3; do inside systemctl restart cabinet@api cabinet@auth && sleep 1 || return 1; done; }
upgrade() {
    local before
    before=$(main_pid api)
    inside sh -c 'echo "DB_POOL_SIZE=12 # the operator says" >> /etc/cabinet/cabinet.env' &&
        offer two && inside apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confdef install cabinet &&
        inside dpkg -s cabinet | grep '^Version: .*-2$' && [ "$(main_pid api)" != "$before" ] &&
        inside grep 'the operator says' /etc/cabinet/cabinet.env && inside grep 'server_name api.test' /etc/nginx/sites-available/cabinet
}

survives_kill() {
    local before
    before=$(main_pid api)
    inside systemctl kill --signal=KILL --kill-whom=main cabinet@api.service && sleep 1.5 && is_ready &&
        [ "$(main_pid api)" != "$before" ]
}
survives_database_restart() {
    local before
    before=$(main_pid api)
    inside systemctl restart postgresql@15-main && sleep 1 && [ "$(status_of "$URL/health/ready")" = 200 ] &&
        [ "$(main_pid api)" = "$before" ]
}
# Ready only when the database has answered; until then 503, and systemctl says what it waits for.
waits_for_the_database() {
    inside systemctl stop postgresql@15-main
    inside systemctl restart --no-block cabinet@api.service
    sleep 3
    local state answer text
    state=$(inside systemctl show -P ActiveState cabinet@api.service)
    text=$(inside systemctl show -P StatusText cabinet@api.service)
    answer=$(status_of "$URL/health/ready")
    inside systemctl start postgresql@15-main
    sleep 3
    echo "$state, $text, $answer"
    [ "$state" = activating ] && [ "$text" = "waiting for the database" ] && [ "$answer" = 503 ] &&
        [ "$(inside systemctl show -P ActiveState cabinet@api.service)" = active ] && is_ready
}
# A volume of its own for nginx's logs, as small as may be; the reloads lie outside the load.
small_log_volume() {
    inside sh -ec 'mount -t tmpfs -o size=128k,mode=755 tmpfs /var/log/nginx; systemctl reload nginx' && sleep 1
}
survives_a_full_log() {
    inside sh -c 'head -c 1M /dev/zero > /var/log/nginx/filler 2> /dev/null'
    sleep 5
    inside df --output=avail /var/log/nginx | grep -x ' *0'
}
full_log_end() { inside sh -c 'umount -l /var/log/nginx; systemctl reload nginx'; }

# The service that migrates has the owner's URL, which the pools do not, and comes before them.
migrates_by_its_service() {
    inside systemctl enable --now cabinet-migrate.service && inside journalctl -u cabinet-migrate.service | grep 'Nothing to do'
}
reboots() {
    local migrated began
    host_reboot && is_ready || return 1
    migrated=$(inside systemctl show -P ExecMainExitTimestampMonotonic cabinet-migrate.service)
    began=$(inside systemctl show -P ExecMainStartTimestampMonotonic cabinet@api.service)
    echo "migrated at $migrated us, the pool began at $began us"
    [ "$migrated" -gt 0 ] && [ "$migrated" -le "$began" ]
}

test_operate() {
    under_load "systemctl reload" reload
    under_load "systemctl restart" restart
    under_load "apt upgrades the package; settings and site stay as the operator left them" upgrade
    check "kill -9 of a master: the service is back by itself" survives_kill
    check "restart of PostgreSQL: the service is back within a second, no worker's master was restarted" survives_database_restart
    check "a start without database is not ready, answers 503, and becomes ready with it" waits_for_the_database
    check "nginx logs to a volume of its own" small_log_volume
    under_load "that volume runs full" survives_a_full_log
    full_log_end
    check "cabinet-migrate.service brings the schema to the newest revision" migrates_by_its_service
    check "after a reboot the service is there, and it was migrated first" reboots
}
