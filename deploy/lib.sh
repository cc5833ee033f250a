# shellcheck shell=dash
# Shell functions of deploy/quickstart and deploy/check: messages, folders, locks, settings files.
# Callers set PROGRAM (for messages) and ROOT (the clone) before they read this file.  Nothing here starts or stops
# anything; the other lib-*.sh files do.

say() { printf '%s\n' "$*"; }
note() { printf '%s: %s\n' "$PROGRAM" "$*" >&2; }
# One sentence, then the end.
die() { note "$@"; exit 1; }

# Folders of the instance.  VAR holds all its state.  RT, the runtime folder, has a short path without spaces: sockets
# live in it (a socket's path holds 107 bytes at most), and links by which build tools and nginx reach ROOT and VAR.
set_folders() {
    VAR=${CABINET_VAR:-$ROOT/var}
    case $VAR in /*) ;; *) VAR=$PWD/$VAR ;; esac
    HASH=$(printf %s "$VAR" | sha256sum | cut -c1-8)
    UID_NUMBER=$(id -u)
    RT=${CABINET_RUNTIME:-/tmp}/cabinet-$UID_NUMBER-$HASH
    RUN=$VAR/run
    LOG=$VAR/log
    ENV_FILE=$VAR/cabinet.env
    AUTH_ENV_FILE=$VAR/auth.env
    STATE_FILE=$VAR/quickstart.env
}

make_folders() {
    umask 022
    mkdir -p "$VAR" 2>/dev/null || die "$VAR cannot be written; run as the owner of the clone, or name a folder with CABINET_VAR."
    [ -O "$VAR" ] || die "$VAR belongs to another user ($(stat -c %U "$VAR")); run as that user, or name a folder with CABINET_VAR."
    mkdir -p "$RUN" "$LOG" "$VAR/mail" || die "$VAR cannot be written."
    make_runtime_folder
}

# The name can be guessed and /tmp is everybody's, so a folder that somebody else made is refused.
make_runtime_folder() {
    mkdir -m 755 "$RT" 2>/dev/null || :      # of an earlier run
    if [ -L "$RT" ] || [ ! -d "$RT" ] || [ ! -O "$RT" ]; then
        die "$RT is not a folder of this user; remove it, or name another place with CABINET_RUNTIME."
    fi
    ln -sfn "$ROOT" "$RT/src"
    ln -sfn "$VAR" "$RT/var"
}

# One start, stop or build at a time.  Daemons close descriptor 9 (start_process).
take_lock() {
    exec 9>"$VAR/lock"
    flock -w "${1:-300}" 9 || die "another $PROGRAM works on $VAR; wait for it."
}

drop_lock() { exec 9>&-; }

# ---- files of NAME=value lines ----

# env_get FILE NAME: the last value, without quotes or comment, or nothing.
env_get() {
    [ -r "$1" ] && unquote "$(sed -n "s/^$2=//p" "$1" | tail -n 1)"
    return 0
}

# The value of a line as src/conf/envfile.c reads it, but for escapes.
unquote() {
    local value=$1
    case $value in
        \"*) value=${value#\"}; value=${value%%\"*} ;;
        \'*) value=${value#\'}; value=${value%%\'*} ;;
        *' #'*) value=${value%% #*} ;;
    esac
    printf %s "$value"
}

# env_put FILE NAME VALUE: sets one line, leaves the others; the file is its owner's alone.
env_put() {
    [ "$(env_get "$1" "$2")" = "$3" ] && grep -q "^$2=" "$1" 2>/dev/null && return 0
    (
        umask 077
        { [ ! -e "$1" ] || grep -v "^$2=" "$1"; printf '%s=%s\n' "$2" "$3"; } > "$1.new"
        [ ! -e "$1" ] || chown --reference="$1" "$1.new"
        mv "$1.new" "$1"
    )
}

# env_export FILE: exports each NAME=value line.
env_export() {
    local line
    [ -r "$1" ] || return 0
    while IFS= read -r line; do
        case $line in
            [A-Z]*=*) export "${line%%=*}=$(unquote "${line#*=}")" ;;
        esac
    done < "$1"
}

random_hex() { od -An -vtx1 -N"$1" /dev/urandom | tr -d ' \n'; }

# ---- what the machine offers ----

# The system's name where it is none of those that packages are known for.
foreign_system() {
    local id version name
    # shellcheck disable=SC1091
    id=$(. /etc/os-release 2>/dev/null; printf %s "${ID-}")
    # shellcheck disable=SC1091
    version=$(. /etc/os-release 2>/dev/null; printf %s "${VERSION_ID-}")
    # shellcheck disable=SC1091
    name=$(. /etc/os-release 2>/dev/null; printf %s "${PRETTY_NAME-$(uname -s)}")
    case $id:$version in
        debian:12|debian:12.*|debian:13|debian:13.*) ;;
        *) printf %s "$name" ;;
    esac
}

# need_space FOLDER MEGABYTES
need_space() {
    local free
    free=$(df -Pk "$1" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge "$2" ] || die "$1 has $free MB of free disk space, and $2 MB are needed; free some, or name another folder with CABINET_VAR."
}

# port_holder PORT: who listens on it on loopback: "name (pid N)", "another program", or nothing where it is free.
port_holder() {
    local inode pid
    inode=$(awk -v port="$(printf %04X "$1")" '
        FNR > 1 && $4 == "0A" {
            split($2, at, ":")
            if (at[2] == port && at[1] ~ /^(0+|0100007F|0+01000000|0+FFFF00000100007F)$/) { print $10; exit }
        }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
    [ -n "$inode" ] || return 0
    # shellcheck disable=SC2012
    pid=$(ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v want="socket:[$inode]" '
        /^\/proc\// { split($1, part, "/"); pid = part[3] }
        $NF == want { print pid; exit }')
    if [ -n "$pid" ]; then
        printf '%s (pid %s)' "$(cat "/proc/$pid/comm" 2>/dev/null)" "$pid"
    else
        printf 'another program'
    fi
}

# free_port FROM: the first that nobody listens on.
free_port() {
    local port=$1
    while [ -n "$(port_holder "$port")" ]; do port=$((port + 1)); done
    echo "$port"
}

cores() { nproc 2>/dev/null || echo 1; }
