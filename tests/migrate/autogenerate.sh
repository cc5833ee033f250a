#!/bin/sh
# revision --autogenerate, check, diff and lint on a real server: edits of a copy of the models become revisions that are
# proved, applied to a database with rows, undone and applied again.  CABINET_TEST_DATABASE_URL names a server where the
# role may create databases and roles; MIGRATE names the program.  Prints TAP lines and a summary.
set -u
: "${CABINET_TEST_DATABASE_URL:?must name a PostgreSQL server where the role may create databases}"
root=$(cd "$(dirname "$0")/../.." && pwd)
MIGRATE=${MIGRATE:-$PWD/cabinet-migrate}
work=$(mktemp -d)
prefix=cabinet_test_auto_$$
passed=0 failed=0 made=
unset DATABASE_URL DATABASE_OWNER_URL CABINET_SCRATCH_URL
export PGOPTIONS="-c client_min_messages=warning"

url() {
    case $CABINET_TEST_DATABASE_URL in
        *://*\?*) echo "$CABINET_TEST_DATABASE_URL&dbname=$1${2:+&user=$2}" ;;
        *://*) echo "$CABINET_TEST_DATABASE_URL?dbname=$1${2:+&user=$2}" ;;
        *) echo "$CABINET_TEST_DATABASE_URL dbname=$1${2:+ user=$2}" ;;
    esac
}

sql() { psql -XAtq -v ON_ERROR_STOP=1 "$(url "${prefix}_$1" cabinet_owner)" -c "$2"; }
admin() { psql -XAtq "$CABINET_TEST_DATABASE_URL" -c "$1"; }

database() {
    admin "CREATE DATABASE ${prefix}_$1 OWNER cabinet_owner TEMPLATE template0 ENCODING 'UTF8'" >/dev/null
    made="$made ${prefix}_$1"
}

migrate() {
    CABINET_MODELS=$models CABINET_MIGRATIONS=$folders "$MIGRATE" --database "$target" "$@" </dev/null
}

ok() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok $((passed + failed)) - $2"
    else
        failed=$((failed + 1))
        echo "not ok $((passed + failed)) - $2"
        [ -s "$work/out" ] && sed 's/^/#   /' "$work/out"
    fi
}

# expect STATUS TEXT NAME COMMAND...: exit status and a part of what is printed.
expect() {
    status=$1 text=$2 name=$3
    shift 3
    "$@" >"$work/out" 2>&1
    got=$?
    [ $got -eq "$status" ] || echo "exit status $got, not $status" >>"$work/out"
    [ $got -eq "$status" ] && { [ -z "$text" ] || grep -qF -- "$text" "$work/out"; }
    ok $? "$name"
}

same() { [ "$1" = "$2" ] || { echo "<$1> is not <$2>" >"$work/out"; false; }; ok $? "$3"; }
dump() {
    pg_dump -s "$(url "${prefix}_$1")" | sed -e '/^--/d' -e '/restrict /d' -e '/^$/d' \
            -e '/^CREATE FUNCTION cabinet.generation() /,/;$/d' -e '/^ALTER FUNCTION cabinet.generation() /d'
}

cleanup() {
    for name in $made; do
        admin "DROP DATABASE IF EXISTS $name WITH (FORCE)" >/dev/null 2>&1
    done
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for role in cabinet_owner cabinet_app; do
    admin "DO \$\$ BEGIN CREATE ROLE $role LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END \$\$"
done
admin "ALTER ROLE cabinet_owner CREATEDB"

cp -r "$root/src/models" "$work/shipped" && rm -f "$work"/shipped/*.am
mkdir "$work/own" "$work/shipped_revisions" "$work/site"
cp "$root"/migrations/*.sql "$work/shipped_revisions/"
models=$work/shipped:$work/own
folders=$work/shipped_revisions:$work/site
target=$(url "${prefix}_a" cabinet_owner)
database a
migrate -q upgrade head || { echo "Bail out! the shipped revisions do not apply"; exit 1; }

# ---- nothing to do ----
expect 0 "there is nothing to write" "shipped models and revisions agree" migrate revision --autogenerate -m nothing
same "$(ls "$work/site")" "" "then no file is written"
expect 0 "The database is what its revisions made." "check says equal" migrate check
expect 3 "needs a message" "a message is asked for" migrate revision --autogenerate

# ---- edits, one after the other ----
# edit NAME ROWS: the file $work/own/shop.sql as standard input is the next state of the site's models; ROWS is SQL run
# before the upgrade.  The revision must be proved, lead there, back and there again, and leave nothing to do.
edit() {
    what=$1 rows=$2
    cat >"$work/own/shop.sql"
    expect 0 "Proved: upgrade, downgrade and upgrade again" "$what: a proved revision" migrate revision --autogenerate -m "$what"
    newest=$(ls -t "$work"/site/*.sql | head -n 1)
    grep -q '^-- Line: site$' "$newest" || { echo "not in line site" >"$work/out"; ok 1 "$what: belongs to the site"; }
    expect 0 "there is nothing to write" "$what: a second run finds nothing" migrate revision --autogenerate -m again
    sql a "$rows" >"$work/out" 2>&1 || ok 1 "$what: rows"
    before=$(dump a)
    expect 0 "1 revision applied." "$what: upgrade with rows" migrate upgrade head --allow=data-loss
    expect 0 "" "$what: check" migrate check
    expect 0 "1 revision undone." "$what: downgrade" migrate downgrade -1 --allow=data-loss
    same "$(dump a | cksum)" "$(printf '%s\n' "$before" | cksum)" "$what: downgrade is exact"
    expect 0 "1 revision applied." "$what: upgrade again" migrate upgrade head --allow=data-loss
}

edit "add table" "SELECT 1" <<'SQL'
CREATE TYPE public.mood AS ENUM ('bad', 'good');
CREATE TABLE public.items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id bigint NOT NULL,
    name text NOT NULL, price numeric(10, 2), mood public.mood, date_created timestamptz NOT NULL DEFAULT now());
CREATE TABLE public.shelves (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
COMMENT ON TABLE public.items IS 'Things. @api(expose, owner(owner_id))';
SQL

edit "column index constraints" "INSERT INTO items (owner_id, name, price) SELECT i, 'n' || i, i FROM generate_series(1, 50) i" <<'SQL'
CREATE TYPE public.mood AS ENUM ('bad', 'good');
CREATE TABLE public.items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id bigint NOT NULL,
    name text NOT NULL, price numeric(10, 2) NOT NULL, mood public.mood, date_created timestamptz NOT NULL DEFAULT now(),
    shelf_id bigint REFERENCES public.shelves (id),
    CONSTRAINT items_price CHECK (price >= 0), CONSTRAINT items_name UNIQUE (name));
CREATE TABLE public.shelves (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
CREATE INDEX items_shelf ON public.items (shelf_id) WHERE shelf_id IS NOT NULL;
COMMENT ON TABLE public.items IS 'Things. @api(expose, owner(owner_id))';
SQL
newest=$(ls -t "$work"/site/*.sql | head -n 1)
for words in "CREATE INDEX CONCURRENTLY items_shelf" "ADD CONSTRAINT items_price CHECK" "NOT VALID;" "VALIDATE CONSTRAINT items_price" \
    "CREATE UNIQUE INDEX CONCURRENTLY items_name" "UNIQUE USING INDEX items_name" "IS NOT NULL) NOT VALID" \
    "-- upgrade no-transaction" "DROP INDEX CONCURRENTLY public.items_shelf"; do
    grep -qF -- "$words" "$newest"
    ok $? "written carefully: $words"
done
expect 0 "0 findings" "what is generated passes lint" migrate lint "$newest"

edit "enum view function trigger" "UPDATE items SET mood = 'good'" <<'SQL'
CREATE TYPE public.mood AS ENUM ('bad', 'soso', 'good', 'great');
CREATE TABLE public.items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id bigint NOT NULL,
    name text NOT NULL, price numeric(10, 2) NOT NULL, mood public.mood DEFAULT 'great', date_created timestamptz NOT NULL DEFAULT now(),
    shelf_id bigint REFERENCES public.shelves (id),
    CONSTRAINT items_price CHECK (price >= 0), CONSTRAINT items_name UNIQUE (name));
CREATE TABLE public.shelves (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
CREATE INDEX items_shelf ON public.items (shelf_id) WHERE shelf_id IS NOT NULL;
COMMENT ON TABLE public.items IS 'Things. @api(expose, owner(owner_id))';
CREATE VIEW public.dear AS SELECT id, name, price FROM public.items WHERE price > 10;
CREATE FUNCTION public.shout(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(t)';
CREATE FUNCTION public.name_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- upgrade
    NEW.name := public.shout(NEW.name);
    RETURN NEW;
END $$;
CREATE TRIGGER name_items BEFORE INSERT ON public.items FOR EACH ROW EXECUTE FUNCTION public.name_items();
SQL

edit "type view policy grant" "SELECT 1" <<'SQL'
CREATE TYPE public.mood AS ENUM ('bad', 'soso', 'good', 'great');
CREATE TABLE public.items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id bigint NOT NULL,
    name text NOT NULL, price numeric(12, 4) NOT NULL, mood public.mood DEFAULT 'good', date_created timestamptz NOT NULL DEFAULT now(),
    shelf_id bigint REFERENCES public.shelves (id) ON DELETE SET NULL,
    CONSTRAINT items_price CHECK (price > -1), CONSTRAINT items_name UNIQUE (name));
CREATE TABLE public.shelves (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
CREATE INDEX items_shelf ON public.items (shelf_id, id DESC);
COMMENT ON TABLE public.items IS 'Things for sale. @api(expose, owner(owner_id))';
CREATE VIEW public.dear AS SELECT id, name, price, mood FROM public.items WHERE price > 100;
CREATE FUNCTION public.shout(t text, mark text DEFAULT '!') RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(t) || mark';
CREATE FUNCTION public.name_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.name := public.shout(NEW.name);
    RETURN NEW;
END $$;
CREATE TRIGGER name_items BEFORE INSERT OR UPDATE ON public.items FOR EACH ROW EXECUTE FUNCTION public.name_items();
ALTER TABLE public.shelves ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.shelves USING (name <> 'secret');
GRANT SELECT ON public.dear TO cabinet_app;
SQL

# ---- renames ----
sql a "INSERT INTO shelves (name) VALUES ('upper')"
edit "rename by annotation" "SELECT 1" <<'SQL'
CREATE TYPE public.mood AS ENUM ('bad', 'soso', 'good', 'great');
CREATE TABLE public.items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id bigint NOT NULL,
    title text NOT NULL, price numeric(12, 4) NOT NULL, mood public.mood DEFAULT 'good', date_created timestamptz NOT NULL DEFAULT now(),
    shelf_id bigint REFERENCES public.racks (id) ON DELETE SET NULL,
    CONSTRAINT items_price CHECK (price > -1), CONSTRAINT items_name UNIQUE (title));
COMMENT ON COLUMN public.items.title IS 'What it is. @api(was(name))';
CREATE TABLE public.racks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
COMMENT ON TABLE public.racks IS 'Where things are. @api(was(shelves))';
CREATE INDEX items_shelf ON public.items (shelf_id, id DESC);
COMMENT ON TABLE public.items IS 'Things for sale. @api(expose, owner(owner_id))';
SQL
same "$(sql a "SELECT name FROM racks")" "upper" "rows of a renamed table stay"
same "$(sql a "SELECT count(title) FROM items")" 50 "values of a renamed column stay"
newest=$(ls -t "$work"/site/*.sql | head -n 1)
grep -q "RENAME CONSTRAINT shelves_pkey TO racks_pkey" "$newest" && grep -q "RENAME COLUMN name TO title" "$newest"
ok $? "names made of the table's name follow"

# ---- losing data ----
cat >"$work/own/shop.sql" <<'SQL'
CREATE TABLE public.items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id bigint NOT NULL,
    title text NOT NULL, date_created timestamptz NOT NULL DEFAULT now(), CONSTRAINT items_name UNIQUE (title));
COMMENT ON COLUMN public.items.title IS 'What it is. @api(was(name))';
COMMENT ON TABLE public.items IS 'Things for sale. @api(expose, owner(owner_id))';
SQL
expect 0 "hazard DATA_LOSS public.items.price" "a lost column is a hazard" migrate revision --autogenerate -m "drop with data"
expect 3 "would lose data: public." "and is refused" migrate upgrade head
expect 0 "1 pending" "then nothing changed" migrate current
newest=$(ls -t "$work"/site/*.sql | head -n 1)
cp "$newest" "$work/kept.sql"
sed -n 's/^-- Hazard: \(DATA_LOSS [^ ]*\) ([^)]*)$/-- cabinet: ack \1/p' "$newest" >"$work/acks"
sed -i "1r $work/acks" "$newest"
expect 0 "1 revision applied." "a line in the file accepts it" migrate upgrade head
expect 0 "1 revision undone." "back: the columns return" migrate downgrade -1
same "$(sql a "SELECT count(*) FROM items WHERE price IS NOT NULL")" 50 "a column that must not be null has a placeholder"
cp "$work/kept.sql" "$newest"
expect 0 "1 revision applied." "--allow accepts it too" migrate upgrade head --allow=data-loss

cat >>"$work/own/shop.sql" <<'SQL'
ALTER TABLE public.items ADD COLUMN note text;
SQL
expect 0 "Proved" "add note" migrate revision --autogenerate -m "add note"
migrate -q upgrade head
expect 0 "undone" "an empty column is no loss" migrate downgrade -1
migrate -q upgrade head
sql a "UPDATE items SET note = 'x' WHERE id = 1"
expect 3 "would lose data: public.items.note" "one value is" migrate downgrade -1
expect 0 "undone" "unless accepted" migrate downgrade -1 --allow=data-loss
migrate -q upgrade head

# ---- parked instead of dropped ----
cp "$work/own/shop.sql" "$work/shop.keep"
cat >>"$work/own/shop.sql" <<'SQL'
CREATE TABLE public.crates (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text NOT NULL,
    item_id bigint REFERENCES public.items (id));
CREATE INDEX crates_label ON public.crates (label);
COMMENT ON TABLE public.crates IS 'Boxes. @api(expose)';
ALTER TABLE public.items ADD COLUMN weight int;
COMMENT ON COLUMN public.items.weight IS 'In grams.';
CREATE INDEX items_weight ON public.items (weight);
SQL
migrate revision --autogenerate -m "add crates" >/dev/null && migrate -q upgrade head
sql a "INSERT INTO crates (label, item_id) SELECT 'c' || id, id FROM items; UPDATE items SET weight = id"
crates=$(sql a "SELECT count(*) FROM crates")
before=$(dump a)
cp "$work/shop.keep" "$work/own/shop.sql"
expect 0 "park public.crates" "a dropped table is parked" migrate revision --autogenerate --park -m "drop crates"
grep -q "park public.items.weight" "$work/out" && grep -q Proved "$work/out"
ok $? "and a dropped column; both proved"
expect 0 "1 revision applied." "no data is lost, so nothing must be allowed" migrate upgrade head
same "$(sql a "SELECT to_regclass('public.crates') IS NULL AND NOT EXISTS (SELECT FROM pg_attribute
    WHERE attrelid = 'items'::regclass AND attname = 'weight')")" t "they are gone from where they were"
expect 0 "there is nothing to write" "what is parked is no difference" migrate revision --autogenerate -m x
expect 0 "" "nor a drift" migrate check
expect 0 "1 revision undone." "back" migrate downgrade -1
same "$(sql a "SELECT (SELECT count(*) FROM crates WHERE label = 'c' || item_id), (SELECT count(*) FROM items WHERE weight = id)")" \
    "$crates|$crates" "with all rows and values"
same "$(dump a)" "$before" "and the schema of before"
migrate -q upgrade head
expect 0 "2 parked tables and columns stay" "gc leaves what is parked" migrate gc
expect 0 "0 scratch" "and what was parked lately" migrate gc --older=1d
same "$(sql a "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'cabinet_trash_%'")" 1 "it is still there"
expect 0 '"parked_dropped":2' "gc --older drops it" migrate --json gc --older=0s
same "$(sql a "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'cabinet_trash_%'),
    (SELECT count(*) FROM pg_attribute WHERE attname LIKE '\_dropped\_%')")" "0|0" "with its schema"
expect 1 "does not exist" "then there is no way back" migrate downgrade -1
expect 0 "The database is what its revisions made." "and nothing was changed" migrate check

# ---- the question at a terminal ----
# answered WORDS: autogenerate with a terminal that says WORDS.
answered() {
    printf '%b' "$1" | CABINET_MODELS=$models CABINET_MIGRATIONS=$folders script -qec \
        "'$MIGRATE' --database '$target' revision --autogenerate -m renamed" /dev/null
}
cat >>"$work/own/shop.sql" <<'SQL'
CREATE TABLE public.bins (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, place text);
SQL
migrate revision --autogenerate -m "add bins" >/dev/null && migrate -q upgrade head
sql a "INSERT INTO bins (place) VALUES ('yard'); UPDATE items SET note = 'remember'"
sed -e 's/public\.bins/public.barrels/' -e 's/ADD COLUMN note/ADD COLUMN remark/' "$work/own/shop.sql" >"$work/new" && cp "$work/new" "$work/own/shop.sql"
expect 0 "Was public.bins renamed to barrels?" "a terminal is asked about a table" answered 'y\ny\n'
grep -q "Was public.items.note renamed to remark?" "$work/out" && grep -q Proved "$work/out"
ok $? "and about a column"
migrate -q upgrade head
same "$(sql a "SELECT (SELECT place FROM barrels), (SELECT count(*) FROM items WHERE remark = 'remember')")" "yard|$crates" \
    "rows and values stay under the new names"
sed -e 's/public\.barrels/public.vats/' "$work/own/shop.sql" >"$work/new" && cp "$work/new" "$work/own/shop.sql"
expect 0 "hazard DATA_LOSS public.barrels" "no is no" answered 'n\n'
rm "$(ls -t "$work"/site/*.sql | head -n 1)"
expect 0 "If that is a rename, say so" "without a terminal nothing is asked, and nothing guessed" migrate revision --autogenerate -m x
rm "$(ls -t "$work"/site/*.sql | head -n 1)"
sed -e 's/public\.vats/public.barrels/' "$work/own/shop.sql" >"$work/new" && cp "$work/new" "$work/own/shop.sql"

# ---- what cannot be proved ----
# An event trigger that the revisions and the models have refuses what the upgrade would do.
mkdir "$work/bad"
cp "$work"/site/*.sql "$work/bad/"
trap_text="CREATE FUNCTION public.no_table() RETURNS event_trigger LANGUAGE plpgsql AS
\$\$ BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() AS c WHERE c.object_identity = 'public.parts') THEN
        RAISE EXCEPTION 'no new tables';
    END IF;
END \$\$;
CREATE EVENT TRIGGER no_table ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.no_table();"
printf '%s\n' "-- cabinet migration" "-- Revision: bad1" "-- Revises: $(sed -n 's/^-- Revision: //p' "$(ls -t "$work"/site/*.sql | head -n 1)")" \
    "-- Message: odd" "-- Line: site" "-- upgrade" "$trap_text" "-- downgrade" "DROP EVENT TRIGGER no_table;" \
    "DROP FUNCTION public.no_table();" >"$work/bad/20990101000000_bad1.sql"
good=$folders owner=$target
folders=$work/shipped_revisions:$work/bad target=$(url "${prefix}_a")
printf '%s\n' "CREATE TABLE public.parts (id bigint PRIMARY KEY);" "$trap_text" >"$work/own/zz.sql"
expect 4 "not proved: up: " "a revision that fails on the scratch database" migrate revision --autogenerate -m parts
newest=$(ls "$work"/bad/*_parts.sql)
grep -q '^-- Proof: FAILED up: .*no new tables' "$newest"
ok $? "the reason stands at the top of its file"
expect 3 "is not proved" "and it is not applied" migrate upgrade head
folders=$good target=$owner
rm "$work/own/zz.sql"

# ---- check ----
sql a "CREATE TABLE public.by_hand (id int)"
expect 2 "add    table public.by_hand" "drift is told" migrate check
expect 2 '"live":[{"op":"add"' "as JSON too" migrate --json check
sql a "DROP TABLE public.by_hand"
expect 0 "The database is what its revisions made." "and gone" migrate check
newest=$(ls -t "$work"/site/*.sql | head -n 1)
cp "$newest" "$work/kept.sql"
echo "-- more" >>"$newest"
expect 1 "was edited after it had been applied" "an edited file is told" migrate check
cp "$work/kept.sql" "$newest"
echo "ALTER TABLE public.items ADD COLUMN more int;" >>"$work/own/shop.sql"
expect 1 "add    column public.items.more" "models that went on are told" migrate check
sed -i '$d' "$work/own/shop.sql"

# ---- diff ----
expect 0 "" "diff of equal sources prints nothing" migrate diff --from migrations --to "$models"
same "$(cat "$work/out")" "" "nothing at all"
database b
admin "SELECT 1" >/dev/null
expect 0 "CREATE TABLE public.items" "diff of two databases" migrate diff --from "$(url "${prefix}_b")" --to "$(url "${prefix}_a")"
migrate diff --from "$(url "${prefix}_b" cabinet_owner)" --to "$(url "${prefix}_a" cabinet_owner)" >"$work/script.sql"
expect 0 "" "its script runs" psql -XAtq -v ON_ERROR_STOP=1 "$(url "${prefix}_b" cabinet_owner)" -f "$work/script.sql"
expect 0 "" "and then nothing is left" migrate diff --from "$(url "${prefix}_b" cabinet_owner)" --to "$(url "${prefix}_a" cabinet_owner)"
same "$(cat "$work/out")" "" "nothing is printed"
expect 0 '"differences":[]' "diff as JSON" migrate --json diff --from migrations --to "$models"
expect 3 "is no source" "an unknown source" migrate diff --from migrations --to /nonexistent
expect 2 "needs --from" "both are asked for" migrate diff --from migrations

# ---- lint ----
# lint RULE CLASS STATEMENT
lint() {
    printf '%s\n' "-- cabinet migration" "-- Revision: lint" "-- Revises:" "-- upgrade${4:-}" "$3;" "-- downgrade" >"$work/lint.sql"
    expect 1 "$1 $2" "lint: $1" migrate lint "$work/lint.sql"
}
lint drop-table DATA_LOSS "DROP TABLE t"
lint drop-column DATA_LOSS "ALTER TABLE public.t DROP COLUMN a"
lint drop-column DATA_LOSS "ALTER TABLE t ADD b int, DROP a"
lint drop-cascade DATA_LOSS "DROP VIEW v CASCADE"
lint drop-schema DATA_LOSS "DROP SCHEMA s"
lint truncate DATA_LOSS "TRUNCATE t"
lint delete-all DATA_LOSS "DELETE FROM t"
lint update-all BLOCKS_WRITES "UPDATE t SET a = (SELECT 1 WHERE true)"
lint change-type TABLE_REWRITE "ALTER TABLE t ALTER COLUMN a TYPE bigint"
lint rewriting-column TABLE_REWRITE "ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid()"
lint rewriting-column TABLE_REWRITE "ALTER TABLE t ADD COLUMN a bigserial"
lint rewriting-setting TABLE_REWRITE "ALTER TABLE t SET TABLESPACE x"
lint rewriting-maintenance TABLE_REWRITE "VACUUM FULL t" " no-transaction"
lint index-without-concurrently BLOCKS_WRITES "CREATE UNIQUE INDEX i ON t (a)"
lint drop-index-without-concurrently BLOCKS_WRITES "DROP INDEX i"
lint concurrently-in-transaction MAY_FAIL_ON_DATA "CREATE INDEX CONCURRENTLY i ON t (a)"
lint index-if-not-exists MAY_FAIL_ON_DATA "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)" " no-transaction"
lint foreign-key-without-not-valid FULL_SCAN_LOCKED "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u"
lint check-without-not-valid FULL_SCAN_LOCKED "ALTER TABLE t ADD CHECK (a > 0)"
lint unique-without-index BLOCKS_WRITES "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)"
lint set-not-null FULL_SCAN_LOCKED "ALTER TABLE t ALTER a SET NOT NULL"
lint not-null-without-default MAY_FAIL_ON_DATA "ALTER TABLE t ADD COLUMN a int NOT NULL"
lint inline-foreign-key FULL_SCAN_LOCKED "ALTER TABLE t ADD COLUMN a int REFERENCES u"
lint inline-unique BLOCKS_WRITES "ALTER TABLE t ADD COLUMN a int UNIQUE"
lint rename BREAKS_OLD_APP "ALTER TABLE t RENAME COLUMN a TO b"
lint reindex-without-concurrently BLOCKS_WRITES "REINDEX TABLE t"
lint refresh-without-concurrently BLOCKS_WRITES "REFRESH MATERIALIZED VIEW v"
lint lock-table BLOCKS_WRITES "LOCK TABLE t"
lint validate-in-same-segment FULL_SCAN_LOCKED "ALTER TABLE t ADD CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c"
printf '%s\n' "-- cabinet migration" "-- Revision: lint" "-- Revises:" "-- cabinet: ack DATA_LOSS public.t" "-- upgrade" \
    "DROP TABLE t;" "CREATE TABLE n (a int); CREATE INDEX i ON n (a); ALTER TABLE n ALTER a TYPE text;" \
    "ALTER TABLE t ADD COLUMN b text;" "-- downgrade" "DROP TABLE n;" >"$work/lint.sql"
expect 0 "0 findings" "lint: settled by a line; new tables and harmless steps" migrate lint "$work/lint.sql"
expect 0 "[]" "lint as JSON" migrate --json lint "$work/lint.sql"
expect 0 "" "the shipped revisions pass lint" env CABINET_MIGRATIONS="$work/shipped_revisions" "$MIGRATE" lint

# ---- bad input ----
echo "CREATE TABLE broken (id int,,);" >"$work/own/broken.sql"
expect 3 "broken.sql:1: syntax error" "a model with a syntax error" migrate revision --autogenerate -m x
echo "CREATE TABLE broken (id int); COMMENT ON TABLE broken IS '@api(exposed)';" >"$work/own/broken.sql"
expect 3 "expose" "an unknown annotation comes with a suggestion" migrate revision --autogenerate -m x
rm "$work/own/broken.sql"
expect 0 "there is nothing to write" "and all is as before" migrate revision --autogenerate -m x
admin "DROP ROLE IF EXISTS ${prefix}_poor" && admin "CREATE ROLE ${prefix}_poor LOGIN" >/dev/null
target=$(url "${prefix}_a" "${prefix}_poor")
expect 3 "may not create scratch databases" "a role without CREATEDB" migrate revision --autogenerate -m x
admin "DROP ROLE ${prefix}_poor" >/dev/null
same "$(admin "SELECT count(*) FROM pg_database WHERE datname LIKE 'cabinet_scratch_%' AND pg_catalog.shobj_description(oid, 'pg_database') IS NULL")" 0 \
    "no unmarked scratch database is left"

echo "1..$((passed + failed))"
echo "# $passed passed, $failed failed"
[ $failed -eq 0 ]
