# shellcheck shell=dash
# Builds the clone out of tree, through links without spaces (RT/src, RT/var), which autotools cannot do without.
# Needs lib.sh.

# Makes configure where it is missing or older than what it is made from; afterwards the makefile sees to it.
make_configure() {
    [ -x "$ROOT/configure" ] && [ -z "$(find "$ROOT/configure.ac" "$ROOT/Makefile.am" -newer "$ROOT/configure" 2>/dev/null)" ] &&
        [ -s "$ROOT/Makefile.in" ] && return 0
    (cd "$RT/src" && autoreconf -fi) >"$LOG/autoreconf.log" 2>&1 ||
        die "autoreconf failed: $(grep -i error "$LOG/autoreconf.log" | head -n 1) (all of it is in $LOG/autoreconf.log)"
}

# build_tree NAME CONFIGURE-ARGUMENT…: configures and builds in VAR/NAME; log in LOG/NAME.log.
build_tree() {
    local name=$1 stamp
    shift
    make_configure
    mkdir -p "$VAR/$name"
    stamp="$RT $*"
    if [ "$(cat "$VAR/$name/configured" 2>/dev/null)" != "$stamp" ]; then
        rm -f "$VAR/$name/configured"
        in_tree "$name" "$RT/src/configure" "$@" >"$LOG/$name.log" 2>&1 ||
            die "configure failed: $(grep -E 'error:' "$LOG/$name.log" | head -n 1) (all of it is in $LOG/$name.log)"
        printf '%s\n' "$stamp" > "$VAR/$name/configured"
    fi
    in_tree "$name" make -j"$(cores)" >>"$LOG/$name.log" 2>&1 ||
        die "the build failed: $(grep -E '(error|Error [0-9])' "$LOG/$name.log" | tail -n 3 | head -n 1) (all of it is in $LOG/$name.log)"
}

# in_tree NAME COMMAND…: the folder by its short name, also in PWD, so that no path with spaces gets into makefiles.
in_tree() (
    cd "$RT/var/$1" || exit 1
    shift
    PWD=$(pwd -L) exec "$@"
)

# Builds and installs below VAR/installed, unless CABINET_BUILD names a prefix or a build folder to use.  Sets SBIN.
build_instance() {
    if [ -n "${CABINET_BUILD-}" ]; then
        if [ -x "$CABINET_BUILD/sbin/cabinetd" ]; then
            SBIN=$CABINET_BUILD/sbin
        else
            SBIN=$CABINET_BUILD
        fi
        [ -x "$SBIN/cabinetd" ] || die "$CABINET_BUILD has no cabinetd."
        return 0
    fi
    SBIN=$VAR/installed/sbin
    [ -x "$SBIN/cabinetd" ] || say "Building in $VAR/build"
    build_tree build --prefix="$RT/var/installed" --sysconfdir="$RT/var/etc"
    if [ ! -e "$VAR/installed/stamp" ] || [ -n "$(find "$VAR"/build/.libs "$VAR/build/Makefile" -newer "$VAR/installed/stamp" 2>/dev/null | head -n 1)" ]; then
        in_tree build make install >>"$LOG/build.log" 2>&1 || die "make install failed; see $LOG/build.log"
        touch "$VAR/installed/stamp"
    fi
}

# ---- the two trees of deploy/check, from scratch, with their tests ----

build_plain() {
    rm -rf "$VAR/build" "$VAR/installed"
    build_tree build --prefix="$RT/var/installed" --sysconfdir="$RT/var/etc" --enable-werror
    in_tree build make -j"$(cores)" check TESTS= || die "the tests do not build with warnings as errors."
    in_tree build make install || die "make install failed."
}

# Without optimization it is built in half the time, and nothing is optimized away that sanitizers would see.
build_sanitized() {
    rm -rf "$VAR/sanitized" "$VAR/sanitized-installed"
    build_tree sanitized --prefix="$RT/var/sanitized-installed" --sysconfdir="$RT/var/etc" --enable-werror \
        --enable-sanitizers CFLAGS='-O0 -g1'
    in_tree sanitized make -j"$(cores)" sanitized-programs || die "the tests do not build with sanitizers."
    in_tree sanitized make install || die "make install failed."
}
