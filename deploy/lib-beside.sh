# shellcheck shell=dash
# Work that a step of deploy/check needs and that is done beside the steps before it, in the time they leave: many of
# them wait.  Needs lib.sh and lib-process.sh.

# beside NAME FUNCTION: begins it as a process NAME of its own, which reads the functions of lib-build.sh for itself.
beside() {
    rm -f "$RUN/$1.status"
    # shellcheck disable=SC2016
    start_process "$1" 'nice -n 19' sh -c '
        # Where the kernel groups processes by session, nice alone does not count between this one and the services.
        { echo 19 > /proc/self/autogroup; } 2>/dev/null
        PROGRAM=check ROOT=$1
        . "$ROOT/deploy/lib.sh"
        . "$ROOT/deploy/lib-build.sh"
        set_folders
        ("$3")
        echo $? > "$RUN/$2.status"' sh "$ROOT" "$1" "$2"
}

# outcome NAME: waits for it; what it printed and its status.
outcome() {
    while process_pid "$1" >/dev/null; do sleep 0.5; done
    cat "$LOG/$1.log"
    [ -r "$RUN/$1.status" ] || die "the process $1 was killed."
    return "$(cat "$RUN/$1.status")"
}
