#!/bin/sh
# cabinet-migrate beside Debian's alembic on the same database: `current` and `upgrade head` with nothing to do, medians of
# RUNS runs in milliseconds and their ratio.  CABINET_TEST_DATABASE_URL and MIGRATE as in tests/migrate/runner.sh, the
# former as host=… port=… user=…; alembic with asyncpg (packages alembic, python3-asyncpg).
set -u
: "${CABINET_TEST_DATABASE_URL:?must name a PostgreSQL server where the role may create databases}"
root=$(cd "$(dirname "$0")/../.." && pwd)
MIGRATE=${MIGRATE:-$PWD/cabinet-migrate}
RUNS=${RUNS:-15}
work=$(mktemp -d)
name=cabinet_bench_migrate_$$
unset DATABASE_URL DATABASE_OWNER_URL
export PGOPTIONS="-c client_min_messages=warning" CABINET_MIGRATIONS="$root/migrations"
cleanup() {
    psql -XAtq "$CABINET_TEST_DATABASE_URL" -c "DROP DATABASE IF EXISTS $name WITH (FORCE)" >/dev/null 2>&1
    rm -rf "$work"
}
trap cleanup EXIT
psql -XAtq "$CABINET_TEST_DATABASE_URL" -c "CREATE DATABASE $name TEMPLATE template0 ENCODING 'UTF8'" || exit 1
word() { echo "$CABINET_TEST_DATABASE_URL" | tr ' ' '\n' | sed -n "s/^$1=//p"; }
target="$CABINET_TEST_DATABASE_URL dbname=$name"
"$MIGRATE" --database "$target" -q upgrade head || exit 1

mkdir -p "$work/alembic/versions"
cat >"$work/alembic.ini" <<END
[alembic]
script_location = $work/alembic
END
BENCH_HOST=$(word host) BENCH_PORT=$(word port) BENCH_USER=$(word user) BENCH_DATABASE=$name
export BENCH_HOST BENCH_PORT BENCH_USER BENCH_DATABASE
cat >"$work/alembic/env.py" <<'END'
import asyncio, os
import asyncpg
from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine
url = "postgresql+asyncpg://%s@/%s?host=%s&port=%s" % tuple(
    os.environ["BENCH_" + word] for word in ("USER", "DATABASE", "HOST", "PORT"))


def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()

asyncio.run(main())
END
# As many revisions as Cabinet has.
before=None
for file in "$root"/migrations/*.sql; do
    id=$(sed -n 's/^-- Revision: //p' "$file")
    printf 'revision = "%s"\ndown_revision = %s\n\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n' "$id" "$before" \
        >"$work/alembic/versions/$id.py"
    before="\"$id\""
done
alembic -c "$work/alembic.ini" upgrade head >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }

now() { date +%s%N; }
# median COMMAND...: of RUNS runs, in microseconds.
median() {
    "$@" >/dev/null 2>&1 || { echo "$* failed" >&2; exit 1; }
    i=0
    while [ $i -lt "$RUNS" ]; do
        began=$(now)
        "$@" >/dev/null 2>&1
        echo $((($(now) - began) / 1000))
        i=$((i + 1))
    done | sort -n | sed -n "$((RUNS / 2 + 1))p"
}
failed=0
for what in "current" "upgrade head"; do
    # shellcheck disable=SC2086
    ours=$(median "$MIGRATE" --database "$target" $what) theirs=$(median alembic -c "$work/alembic.ini" $what)
    echo "$what: cabinet-migrate $ours us, alembic $theirs us, ratio $((theirs / (ours > 0 ? ours : 1)))"
    [ "$ours" -lt 30000 ] && [ $((theirs / ours)) -ge 15 ] || failed=1
done
exit $failed
