# shellcheck shell=dash
# Background processes of an instance: under which identity they run, and starting, watching and stopping them by
# pid files that survive a reboot without naming a stranger.  Needs lib.sh.

# PostgreSQL refuses to run as root, and workers should not.  As root, there are three ways, the first that works:
#   accounts    the accounts postgres and www-data, where they can enter the clone
#   namespace   root's own files seen through a user namespace without rights (the clone is under a 0700 home)
#   capability  the accounts, with the one right to enter and write the clone (containers without user namespaces)
# Sets IDENTITY, and AS_POSTGRES and AS_WEB, the commands to put in front.
choose_identity() {
    AS_POSTGRES='' AS_WEB='' IDENTITY=self
    [ "$UID_NUMBER" = 0 ] || return 0
    id postgres www-data >/dev/null 2>&1 ||
        die "root needs the accounts postgres and www-data to run services; install the packages postgresql and nginx."
    for IDENTITY in ${CABINET_IDENTITY:-accounts namespace capability}; do
        AS_POSTGRES=$(identity_command postgres)
        AS_WEB=$(identity_command www-data)
        # shellcheck disable=SC2086
        if identity_works $AS_POSTGRES && identity_works $AS_WEB; then
            return 0
        fi
    done
    die "PostgreSQL does not run as root, and no other identity may enter $ROOT; put the clone where the account postgres may read it, or run as an ordinary user."
}

identity_command() {
    case $IDENTITY in
        accounts) printf 'setpriv --reuid=%s --regid=%s --init-groups --' "$1" "$1" ;;
        namespace) printf 'unshare --user --map-user=%s --map-group=%s --' "$(id -u "$1")" "$(id -g "$1")" ;;
        capability) printf 'setpriv --reuid=%s --regid=%s --init-groups --inh-caps=+dac_override --ambient-caps=+dac_override --' "$1" "$1" ;;
    esac
}

identity_works() {
    # shellcheck disable=SC2016
    "$@" sh -c 'test -r "$1/migrations" -a -x "$1/migrations" -a -r "$1/deploy/lib.sh" && test -r "$2" -a -x "$2"' \
        sh "$ROOT" "$VAR" 2>/dev/null
}

# own ACCOUNT PATH…: gives paths to whom the service runs as.
own() {
    local account=$1
    shift
    case $IDENTITY in
        self) ;;
        namespace) chown -R 0:0 "$@" ;;
        *) chown -R "$account:" "$@" ;;
    esac
}

# ---- processes: RUN/NAME.pid holds "pid start-time boot-id" ----

process_start_time() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
boot_id() { cat /proc/sys/kernel/random/boot_id; }

# process_pid NAME: the pid where the process lives.
process_pid() {
    local pid start boot
    [ -r "$RUN/$1.pid" ] || return 1
    read -r pid start boot < "$RUN/$1.pid" || return 1
    [ "$boot" = "$(boot_id)" ] && [ -n "$start" ] && [ "$(process_start_time "$pid")" = "$start" ] || return 1
    # A zombie (its parent does not wait) is as good as gone.
    case $(sed 's/^.*) //' "/proc/$pid/stat" 2>/dev/null) in Z*|X*|'') return 1 ;; esac
    printf %s "$pid"
}

# start_process NAME IDENTITY-COMMAND COMMAND…: in a session of its own, away from terminal and lock; output goes to LOG/NAME.log.
start_process() {
    local name=$1 as=$2 pid
    shift 2
    # shellcheck disable=SC2086
    setsid $as "$@" </dev/null >>"$LOG/$name.log" 2>&1 9>&- &
    pid=$!
    printf '%s %s %s\n' "$pid" "$(process_start_time "$pid")" "$(boot_id)" > "$RUN/$name.pid"
}

# stop_process NAME SIGNAL SECONDS [SIGNAL]: asks, waits, then kills the whole session.
stop_process() {
    local name=$1 signal=$2 seconds=$3 harder=${4:-KILL} pid
    if pid=$(process_pid "$name"); then
        kill -"$signal" "$pid" 2>/dev/null
        if ! wait_gone "$name" "$seconds"; then
            note "$name did not end within $seconds s and is killed."
            kill -"$harder" "$pid" 2>/dev/null
            [ "$harder" = KILL ] || wait_gone "$name" 10
        fi
        # Children share the process group; whoever outlived the leader goes now.
        kill -KILL -- "-$pid" 2>/dev/null
        wait_gone "$name" 5
    fi
    rm -f "$RUN/$name.pid"
}

wait_gone() {
    local ticks=$(($2 * 20))
    while process_pid "$1" >/dev/null; do
        [ "$ticks" -gt 0 ] || return 1
        ticks=$((ticks - 1))
        sleep 0.05
    done
}
