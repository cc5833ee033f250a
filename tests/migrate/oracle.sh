#!/bin/sh
# The tutorial's migration made by Debian's alembic and by cabinet-migrate gives the same pg_dump -s; what alembic does not
# know, the audit trigger, comes from cabinet-migrate derive.  CABINET_TEST_DATABASE_URL (host=… port=… user=…) and MIGRATE
# as in runner.sh.  Skipped where alembic or asyncpg is not there.
set -u
: "${CABINET_TEST_DATABASE_URL:?must name a PostgreSQL server where the role may create databases}"
root=$(cd "$(dirname "$0")/../.." && pwd)
MIGRATE=${MIGRATE:-$PWD/cabinet-migrate}
work=$(mktemp -d)
name=cabinet_test_oracle_$$
unset DATABASE_URL DATABASE_OWNER_URL CABINET_SCRATCH_URL
export PGOPTIONS="-c client_min_messages=warning"
word() { echo "$CABINET_TEST_DATABASE_URL" | tr ' ' '\n' | sed -n "s/^$1=//p"; }
if ! command -v alembic >/dev/null || ! /usr/bin/python3 -c 'import asyncpg' 2>/dev/null || [ -z "$(word host)" ]; then
    echo "1..0 # SKIP alembic with asyncpg, or a database by host=, is not there"
    exit 0
fi
cleanup() {
    for one in ours theirs; do
        psql -XAtq "$CABINET_TEST_DATABASE_URL" -c "DROP DATABASE IF EXISTS ${name}_$one WITH (FORCE)" >/dev/null 2>&1
    done
    rm -rf "$work"
}
trap cleanup EXIT
count=0 failed=0
ok() {
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" && return
    echo "not ok $count - $2"
    failed=1
    sed 's/^/#   /' "$work/out" | tail -n 30
}
url() { echo "$CABINET_TEST_DATABASE_URL dbname=${name}_$1"; }
dump() {
    pg_dump -s -T cabinet.version -T cabinet.migration_log -T public.alembic_version "$(url "$1")" |
        sed -e '/^--/d' -e '/restrict /d' -e '/^$/d'
}

cp -r "$root/src/models" "$work/models"
mkdir "$work/migrations"
cp "$root"/migrations/*.sql "$work/migrations/"
export CABINET_MODELS="$work/models" CABINET_MIGRATIONS="$work/migrations"
for one in ours theirs; do
    psql -XAtq "$CABINET_TEST_DATABASE_URL" -c "CREATE DATABASE ${name}_$one TEMPLATE template0 ENCODING 'UTF8'" &&
        "$MIGRATE" --database "$(url $one)" -q upgrade head >"$work/out" 2>&1
    ok $? "the shipped revisions in a database for $one"
done

# ours
sed -i 's/^    banned_at .*timestamptz,$/&\n    bio                     text,/' "$work/models/users.sql"
"$MIGRATE" --database "$(url ours)" revision --autogenerate -m "add bio" >"$work/out" 2>&1 &&
    "$MIGRATE" --database "$(url ours)" upgrade head >>"$work/out" 2>&1
ok $? "cabinet-migrate adds the column"

# theirs
mkdir -p "$work/alembic/versions"
printf '[alembic]\nscript_location = %s/alembic\n' "$work" >"$work/alembic.ini"
printf '%s\n' 'revision = ${repr(up_revision)}' 'down_revision = ${repr(down_revision)}' 'from alembic import op' \
    'import sqlalchemy as sa' 'def upgrade():' '    ${upgrades}' 'def downgrade():' '    ${downgrades}' >"$work/alembic/script.py.mako"
cat >"$work/alembic/env.py" <<'END'
import asyncio, os
import sqlalchemy
from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine


def migrate(connection):
    metadata = sqlalchemy.MetaData()
    metadata.reflect(connection, only=["users"])
    if "bio" not in metadata.tables["users"].columns:
        metadata.tables["users"].append_column(sqlalchemy.Column("bio", sqlalchemy.Text))
    context.configure(connection=connection, target_metadata=metadata,
                      include_object=lambda thing, name, kind, reflected, other: kind == "column" or name == "users")
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine(os.environ["ORACLE_URL"], poolclass=pool.NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()

asyncio.run(main())
END
ORACLE_URL="postgresql+asyncpg://$(word user)@/${name}_theirs?host=$(word host)&port=$(word port)"
export ORACLE_URL
alembic -c "$work/alembic.ini" revision --autogenerate -m "add bio" >"$work/out" 2>&1 && cat "$work"/alembic/versions/*.py >>"$work/out" &&
    grep -q "op.add_column('users', sa.Column('bio'" "$work"/alembic/versions/*.py
ok $? "alembic writes the column"
alembic -c "$work/alembic.ini" upgrade head >"$work/out" 2>&1
ok $? "alembic adds the column"
"$MIGRATE" --database "$(url theirs)" derive >"$work/derived.sql" 2>"$work/out" &&
    psql -XAtq -v ON_ERROR_STOP=1 "$(url theirs)" -f "$work/derived.sql" >>"$work/out" 2>&1
ok $? "what follows from the annotations"

dump ours >"$work/ours"
dump theirs >"$work/theirs"
grep -q '^ *bio text' "$work/ours"
ok $? "the column is there"
diff "$work/ours" "$work/theirs" >"$work/out"
ok $? "both schemas are the same"
echo "1..$count"
exit $failed
