-- What happened, who did it, to whom.  Written by triggers (rows) and by the programs (events), never changed.
-- One partition a month, in schema cabinet; the default partition is a net for months that were not made in time.
-- Users are named without a foreign key: the trail outlives them.

CREATE TABLE public.audit_logs (
    id            bigint GENERATED ALWAYS AS IDENTITY,
    date_created  timestamptz NOT NULL DEFAULT now(),
    user_id       bigint,
    actor_id      bigint,
    action        text NOT NULL,
    table_name    text,
    row_key       text,
    before        jsonb,
    after         jsonb,
    ip            inet,
    user_agent    text,
    request_id    text,
    success       boolean NOT NULL DEFAULT true,
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT audit_logs_pkey PRIMARY KEY (id, date_created)
) PARTITION BY RANGE (date_created);

COMMENT ON TABLE public.audit_logs IS
    'The audit trail. @api(expose, admin, readonly, key(id), order(-date_created), audit(off))';
COMMENT ON COLUMN public.audit_logs.id IS 'Number of the entry.';
COMMENT ON COLUMN public.audit_logs.date_created IS 'When it happened.';
COMMENT ON COLUMN public.audit_logs.user_id IS 'The user concerned.';
COMMENT ON COLUMN public.audit_logs.actor_id IS 'The user who did it; null where nobody was signed in.';
COMMENT ON COLUMN public.audit_logs.action IS
    'What happened: login, login_failed, row_insert, row_update, row_delete, row_restore, table_truncate and so on.';
COMMENT ON COLUMN public.audit_logs.table_name IS 'Table of the row that changed; with its schema if not public.';
COMMENT ON COLUMN public.audit_logs.row_key IS 'Key of the row that changed.';
COMMENT ON COLUMN public.audit_logs.before IS 'Values before the change; of an update, changed columns only.';
COMMENT ON COLUMN public.audit_logs.after IS 'Values after the change; of an update, changed columns only.';
COMMENT ON COLUMN public.audit_logs.ip IS 'Address of the client.';
COMMENT ON COLUMN public.audit_logs.user_agent IS 'What the client said it is.';
COMMENT ON COLUMN public.audit_logs.request_id IS 'X-Request-Id of the request.';
COMMENT ON COLUMN public.audit_logs.success IS 'Whether what was tried was done.';
COMMENT ON COLUMN public.audit_logs.transaction_id IS
    'Transaction that wrote the entry; the change feed is ordered by it. @api(hidden)';

CREATE INDEX audit_logs_date ON public.audit_logs (date_created, id);
CREATE INDEX audit_logs_user ON public.audit_logs (user_id, date_created, id);
CREATE INDEX audit_logs_row ON public.audit_logs (table_name, row_key, date_created, id);
CREATE INDEX audit_logs_changes ON public.audit_logs (table_name, transaction_id, id) WHERE table_name IS NOT NULL;

CREATE TABLE cabinet.audit_logs_default PARTITION OF public.audit_logs DEFAULT;
COMMENT ON TABLE cabinet.audit_logs_default IS
    'Entries of months without a partition; should be empty. @api(audit(off))';

GRANT INSERT ON public.audit_logs TO cabinet_app;

CREATE FUNCTION cabinet.audit_partitions_ensure(months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' AS $$
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
END $$;
COMMENT ON FUNCTION cabinet.audit_partitions_ensure(integer) IS
    'Makes the partition of this month and of so many months ahead; returns how many were made.';
REVOKE ALL ON FUNCTION cabinet.audit_partitions_ensure(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.audit_partitions_ensure(integer) TO cabinet_app;
