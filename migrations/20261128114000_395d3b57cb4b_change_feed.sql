-- cabinet migration
-- Revision: 395d3b57cb4b
-- Revises: 241772dca594
-- Create Date: 2026-11-28T11:40:00Z
-- Message: change feed
-- Line: cabinet
-- Hazard: BLOCKS_WRITES public.audit_logs_changes (the index is built)
-- Hazard: INDEX_DROPPED public.audit_logs_changes (queries may have used it) on downgrade
-- Hazard: DATA_LOSS public.audit_logs.transaction_id (the column is dropped) on downgrade

-- upgrade
SET LOCAL check_function_bodies = off;
CREATE OR REPLACE FUNCTION cabinet.audit_partitions_ensure(months integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
DECLARE
    first_day timestamptz;
    next_day timestamptz;
    partition text;
    made integer := 0;
BEGIN
    IF months IS NULL OR months NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'months must be between 0 and 24';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('cabinet.audit_partitions_ensure'));
    FOR ahead IN 0 .. months LOOP
        first_day := date_trunc('month', now()) + make_interval(months => ahead);
        next_day := first_day + make_interval(months => 1);
        partition := 'audit_logs_' || to_char(first_day, 'YYYY_MM');
        CONTINUE WHEN to_regclass('cabinet.' || partition) IS NOT NULL;
        EXECUTE format('CREATE TABLE cabinet.%I (LIKE public.audit_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                       partition);
        EXECUTE format('COMMENT ON TABLE cabinet.%I IS %L', partition,
                       'Entries of one month, made by cabinet.audit_partitions_ensure. @api(audit(off))');
        -- Entries of that month which the net caught move over first; the lock keeps more from coming.
        LOCK TABLE cabinet.audit_logs_default IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('WITH moved AS (DELETE FROM cabinet.audit_logs_default AS d '
                       'WHERE d.date_created >= $1 AND d.date_created < $2 RETURNING d.id, d.date_created, d.user_id, '
                       'd.actor_id, d.action, d.table_name, d.row_key, d.before, d.after, d.ip, d.user_agent, '
                       'd.request_id, d.success, d.transaction_id) INSERT INTO cabinet.%I (id, date_created, user_id, '
                       'actor_id, action, table_name, row_key, before, after, ip, user_agent, request_id, success, '
                       'transaction_id) '
                       'SELECT m.id, m.date_created, m.user_id, m.actor_id, m.action, m.table_name, m.row_key, '
                       'm.before, m.after, m.ip, m.user_agent, m.request_id, m.success, m.transaction_id FROM moved AS m',
                       partition)
            USING first_day, next_day;
        EXECUTE format('ALTER TABLE public.audit_logs ATTACH PARTITION cabinet.%I FOR VALUES FROM (%L) TO (%L)',
                       partition, first_day, next_day);
        made := made + 1;
    END LOOP;
    RETURN made;
END $function$;
ALTER TABLE public.audit_logs ADD COLUMN transaction_id xid8 DEFAULT pg_current_xact_id() NOT NULL;
-- On all partitions, those of the months too, which no model knows.  Entries that are there already take the number of
-- this transaction, without being written anew.
-- cabinet: ack BLOCKS_WRITES public.audit_logs.audit_logs_changes
CREATE INDEX audit_logs_changes ON public.audit_logs USING btree (table_name, transaction_id, id) WHERE (table_name IS NOT NULL);
COMMENT ON COLUMN public.audit_logs.transaction_id IS 'Transaction that wrote the entry; the change feed is ordered by it. @api(hidden)';

-- downgrade
SET LOCAL check_function_bodies = off;
DROP INDEX public.audit_logs_changes;
ALTER TABLE public.audit_logs DROP COLUMN transaction_id;
CREATE OR REPLACE FUNCTION cabinet.audit_partitions_ensure(months integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
DECLARE
    first_day timestamptz;
    next_day timestamptz;
    partition text;
    made integer := 0;
BEGIN
    IF months IS NULL OR months NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'months must be between 0 and 24';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('cabinet.audit_partitions_ensure'));
    FOR ahead IN 0 .. months LOOP
        first_day := date_trunc('month', now()) + make_interval(months => ahead);
        next_day := first_day + make_interval(months => 1);
        partition := 'audit_logs_' || to_char(first_day, 'YYYY_MM');
        CONTINUE WHEN to_regclass('cabinet.' || partition) IS NOT NULL;
        EXECUTE format('CREATE TABLE cabinet.%I (LIKE public.audit_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                       partition);
        EXECUTE format('COMMENT ON TABLE cabinet.%I IS %L', partition,
                       'Entries of one month, made by cabinet.audit_partitions_ensure. @api(audit(off))');
        -- Entries of that month which the net caught move over first; the lock keeps more from coming.
        LOCK TABLE cabinet.audit_logs_default IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('WITH moved AS (DELETE FROM cabinet.audit_logs_default AS d '
                       'WHERE d.date_created >= $1 AND d.date_created < $2 RETURNING d.id, d.date_created, d.user_id, '
                       'd.actor_id, d.action, d.table_name, d.row_key, d.before, d.after, d.ip, d.user_agent, '
                       'd.request_id, d.success) INSERT INTO cabinet.%I (id, date_created, user_id, actor_id, action, '
                       'table_name, row_key, before, after, ip, user_agent, request_id, success) '
                       'SELECT m.id, m.date_created, m.user_id, m.actor_id, m.action, m.table_name, m.row_key, '
                       'm.before, m.after, m.ip, m.user_agent, m.request_id, m.success FROM moved AS m', partition)
            USING first_day, next_day;
        EXECUTE format('ALTER TABLE public.audit_logs ATTACH PARTITION cabinet.%I FOR VALUES FROM (%L) TO (%L)',
                       partition, first_day, next_day);
        made := made + 1;
    END LOOP;
    RETURN made;
END $function$;
