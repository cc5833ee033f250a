#!/bin/sh
# shellcheck shell=dash
# What the process tests do to the instance in CABINET_TEST_VAR: stop-postgres, start-postgres, restart-postgres.
# The stop is the immediate one: the server abandons all sessions and repairs itself from its log at the next start.
set -u
PROGRAM=instance
ROOT=$(cd "$(dirname "$0")/../.." && pwd -P) || exit 1
CABINET_VAR=$CABINET_TEST_VAR
for part in lib.sh lib-process.sh lib-postgres.sh; do
    # shellcheck disable=SC1090
    . "$ROOT/deploy/$part"
done

set_folders
make_runtime_folder
PG_BIN=$(postgres_bin)
choose_identity
case $1 in
    stop-postgres) stop_process postgres QUIT 20 ;;
    start-postgres) postgres_start ;;
    restart-postgres)
        stop_process postgres QUIT 20
        sleep 0.5
        postgres_start
        ;;
    *) die "unknown action $1." ;;
esac
