# shellcheck shell=dash
# How deploy/check runs steps and counts tests.  Needs lib.sh; results are kept in VAR/results, logs in LOG.

results_begin() {
    rm -rf "$VAR/results"
    mkdir -p "$VAR/results"
    STEP_NUMBER=0
}

# step NAME COMMAND…: runs it in a shell of its own; its output goes to LOG/NAME.log.  What it reports by `counted` counts;
# a command that fails without a failed test counts as one.
step() {
    local name=$1 began seconds status=0 passed failed skipped
    shift
    STEP_NUMBER=$((STEP_NUMBER + 1))
    began=$(date +%s)
    COUNTS=$VAR/results/$(printf %02d "$STEP_NUMBER")-$name
    : > "$COUNTS"
    printf '%-14s ' "$name"
    ("$@") > "$LOG/$name.log" 2>&1 </dev/null || status=$?
    seconds=$(($(date +%s) - began))
    read -r passed failed skipped <<END
$(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$COUNTS")
END
    if [ "$status" != 0 ] && [ "$failed" = 0 ]; then
        failed=1
        counted 0 1 0
    elif [ "$passed" = 0 ] && [ "$failed" = 0 ] && [ "$skipped" = 0 ]; then
        passed=1
        counted 1 0 0
    fi
    printf '%4d passed %4d failed %4d skipped %4d s\n' "$passed" "$failed" "$skipped" "$seconds"
    if [ "$failed" != 0 ]; then
        grep -aE '\[FAIL\]|\[----\]|^not ok|^FAIL|error:|Error [0-9]|^check: |Sanitizer|runtime error' "$LOG/$name.log" | head -n 40 | sed 's/^/    /'
        say "    all of it: $LOG/$name.log"
    fi
    return "$status"
}

# counted PASSED FAILED SKIPPED: what a step found.
counted() { printf '%s %s %s\n' "$1" "$2" "$3" >> "$COUNTS"; }

# criterion PROGRAM ARGUMENT…: runs a Criterion program and counts its tests; a leak or a trap in it fails it too.
criterion() {
    local out status=0
    out=$VAR/results/out.$$
    "$@" > "$out" 2>&1 || status=$?
    cat "$out"
    count_synthesis "$out" "$status"
    rm -f "$out"
    return "$status"
}

count_synthesis() { # FILE STATUS
    awk -v status="$2" '
        { gsub(/\033\[[0-9;]*m/, "") }
        /Synthesis: Tested:/ {
            found = 1
            for (i = 1; i < NF; i++) {
                if ($i == "Tested:") tested += $(i + 1)
                if ($i == "Passing:") passing += $(i + 1)
                if ($i == "Failing:") failing += $(i + 1)
                if ($i == "Crashing:") failing += $(i + 1)
            }
        }
        END {
            if (!found || (status != 0 && failing == 0)) failing++
            skipped = tested - passing - failing
            print passing + 0, failing + 0, (skipped > 0 ? skipped : 0)
        }' "$1" >> "$COUNTS"
}

# tap COMMAND…: runs a test script that prints "ok …", "not ok …" and "ok … # skip …" lines.
tap() {
    local out status=0
    out=$VAR/results/out.$$
    "$@" > "$out" 2>&1 || status=$?
    cat "$out"
    awk -v status="$status" '
        /^ok.*# skip/ { s++; next }
        /^ok/ { p++ }
        /^not ok/ { f++ }
        END { if (status != 0 && !f) f++; print p + 0, f + 0, s + 0 }' "$out" >> "$COUNTS"
    rm -f "$out"
    return "$status"
}

# make_check TREE TARGET…: the programs of `make TARGET` for each, side by side, counted by their own reports.
make_check() {
    local tree=$1 target log result making='' status=0
    shift
    find "$VAR/$tree/" -name '*.trs' -exec rm -f {} +
    for target; do
        in_tree "$tree" make -k "$target" &
        making="$making $!"
    done
    # Waited for one by one: what make could not even begin has no report.
    for target in $making; do wait "$target" || status=1; done
    for result in "$VAR/$tree"/*.trs "$VAR/$tree"/tests/*/*.trs "$VAR/$tree"/tests/*/*/*.trs; do
        [ -e "$result" ] || continue
        log=${result%.trs}.log
        case $(sed -n 's/^:test-result: //p' "$result" | head -n 1) in
            PASS*) if grep -aq 'Synthesis: Tested' "$log"; then count_synthesis "$log" 0; else counted 1 0 0; fi ;;
            SKIP*) counted 0 0 1 ;;
            *)
                say "---- $log"
                cat "$log"
                if grep -aq 'Synthesis: Tested' "$log"; then count_synthesis "$log" 1; else counted 0 1 0; fi ;;
        esac
    done
    return "$status"
}

# The table, and the last line that others read.
results_end() {
    local all passed failed skipped
    all=$(cat "$VAR"/results/[0-9]* | awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
    read -r passed failed skipped <<END
$all
END
    say ""
    say "Logs are in $LOG."
    if [ "$skipped" != 0 ]; then
        say "$passed passed, $failed failed, $skipped skipped"
    else
        say "$passed passed, $failed failed"
    fi
    [ "$failed" = 0 ]
}
