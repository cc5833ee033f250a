-- cabinet migration
-- Revision: d84a3f6b2c51
-- Revises: 62b9e84d170f
-- Create Date: 2026-11-22T20:52:00Z
-- Message: audit
-- Line: cabinet
-- upgrade
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
    CONSTRAINT audit_logs_pkey PRIMARY KEY (id, date_created),
    CONSTRAINT audit_logs_action_form CHECK (action ~ '^[a-z][a-z0-9_]{0,62}$')
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
COMMENT ON CONSTRAINT audit_logs_action_form ON public.audit_logs IS
    'The action must be a word of lower-case letters, digits and underscores.';

CREATE INDEX audit_logs_date ON public.audit_logs (date_created, id);
CREATE INDEX audit_logs_user ON public.audit_logs (user_id, date_created, id);
CREATE INDEX audit_logs_row ON public.audit_logs (table_name, row_key, date_created, id);

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
END $$;
COMMENT ON FUNCTION cabinet.audit_partitions_ensure(integer) IS
    'Makes the partition of this month and of so many months ahead; returns how many were made.';
REVOKE ALL ON FUNCTION cabinet.audit_partitions_ensure(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.audit_partitions_ensure(integer) TO cabinet_app;

-- Derived from the annotations of audit_logs and users.
GRANT SELECT ON public.audit_logs TO cabinet_app;

CREATE FUNCTION cabinet.audit_users() RETURNS trigger LANGUAGE plpgsql AS $audit$
DECLARE
    what text := 'row_update';
    row_key text;
    person bigint;
    old_part jsonb := '{}';
    new_part jsonb := '{}';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.id IS DISTINCT FROM NEW.id THEN
            old_part := old_part || jsonb_build_object('id', OLD.id);
            new_part := new_part || jsonb_build_object('id', NEW.id);
        END IF;
        IF OLD.email IS DISTINCT FROM NEW.email THEN
            old_part := old_part || jsonb_build_object('email', OLD.email);
            new_part := new_part || jsonb_build_object('email', NEW.email);
        END IF;
        IF OLD.username IS DISTINCT FROM NEW.username THEN
            old_part := old_part || jsonb_build_object('username', OLD.username);
            new_part := new_part || jsonb_build_object('username', NEW.username);
        END IF;
        IF OLD.is_verified IS DISTINCT FROM NEW.is_verified THEN
            old_part := old_part || jsonb_build_object('is_verified', OLD.is_verified);
            new_part := new_part || jsonb_build_object('is_verified', NEW.is_verified);
        END IF;
        IF OLD.is_superuser IS DISTINCT FROM NEW.is_superuser THEN
            old_part := old_part || jsonb_build_object('is_superuser', OLD.is_superuser);
            new_part := new_part || jsonb_build_object('is_superuser', NEW.is_superuser);
        END IF;
        IF OLD.oauth_provider IS DISTINCT FROM NEW.oauth_provider THEN
            old_part := old_part || jsonb_build_object('oauth_provider', OLD.oauth_provider);
            new_part := new_part || jsonb_build_object('oauth_provider', NEW.oauth_provider);
        END IF;
        IF OLD.date_created IS DISTINCT FROM NEW.date_created THEN
            old_part := old_part || jsonb_build_object('date_created', OLD.date_created);
            new_part := new_part || jsonb_build_object('date_created', NEW.date_created);
        END IF;
        IF OLD.deleted_at IS DISTINCT FROM NEW.deleted_at THEN
            old_part := old_part || jsonb_build_object('deleted_at', OLD.deleted_at);
            new_part := new_part || jsonb_build_object('deleted_at', NEW.deleted_at);
        END IF;
        IF OLD.deletion_scheduled_for IS DISTINCT FROM NEW.deletion_scheduled_for THEN
            old_part := old_part || jsonb_build_object('deletion_scheduled_for', OLD.deletion_scheduled_for);
            new_part := new_part || jsonb_build_object('deletion_scheduled_for', NEW.deletion_scheduled_for);
        END IF;
        IF OLD.banned_at IS DISTINCT FROM NEW.banned_at THEN
            old_part := old_part || jsonb_build_object('banned_at', OLD.banned_at);
            new_part := new_part || jsonb_build_object('banned_at', NEW.banned_at);
        END IF;
        IF new_part = '{}' THEN
            RETURN NULL;
        END IF;
        old_part := old_part || jsonb_build_object('row_version', OLD.row_version);
        new_part := new_part || jsonb_build_object('row_version', NEW.row_version);
        IF OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN
            what := 'row_delete';
        ELSIF OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL THEN
            what := 'row_restore';
        END IF;
        row_key := NEW.id;
        person := NEW.id;
    ELSIF TG_OP = 'INSERT' THEN
        what := 'row_insert';
        row_key := NEW.id;
        person := NEW.id;
        old_part := NULL;
        new_part := jsonb_build_object(
            'id', NEW.id,
            'email', NEW.email,
            'username', NEW.username,
            'is_verified', NEW.is_verified,
            'is_superuser', NEW.is_superuser,
            'oauth_provider', NEW.oauth_provider,
            'date_created', NEW.date_created,
            'row_version', NEW.row_version,
            'deleted_at', NEW.deleted_at,
            'deletion_scheduled_for', NEW.deletion_scheduled_for,
            'banned_at', NEW.banned_at);
    ELSE
        what := 'row_delete';
        row_key := OLD.id;
        person := OLD.id;
        new_part := NULL;
        old_part := jsonb_build_object(
            'id', OLD.id,
            'email', OLD.email,
            'username', OLD.username,
            'is_verified', OLD.is_verified,
            'is_superuser', OLD.is_superuser,
            'oauth_provider', OLD.oauth_provider,
            'date_created', OLD.date_created,
            'row_version', OLD.row_version,
            'deleted_at', OLD.deleted_at,
            'deletion_scheduled_for', OLD.deletion_scheduled_for,
            'banned_at', OLD.banned_at);
    END IF;
    INSERT INTO public.audit_logs
        (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
    VALUES (person, nullif(current_setting('cabinet.actor', true), '')::bigint, what, 'users', row_key,
            old_part, new_part, nullif(current_setting('cabinet.ip', true), '')::inet,
            nullif(current_setting('cabinet.request_id', true), ''));
    RETURN NULL;
END $audit$;

COMMENT ON FUNCTION cabinet.audit_users() IS 'Records changes of rows of users; follows from columns and annotations.';

CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON public.users
    FOR EACH ROW EXECUTE FUNCTION cabinet.audit_users();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON public.users
    FOR EACH STATEMENT EXECUTE FUNCTION cabinet.audit_truncate();

CREATE TRIGGER row_version BEFORE UPDATE ON public.users
    FOR EACH ROW EXECUTE FUNCTION cabinet.raise_version();

GRANT SELECT, INSERT, UPDATE, DELETE ON public.users TO cabinet_app;
-- downgrade
REVOKE SELECT, INSERT, UPDATE, DELETE ON public.users FROM cabinet_app;
DROP TRIGGER row_version ON public.users;
DROP TRIGGER audit_truncate ON public.users;
DROP TRIGGER audit ON public.users;
DROP FUNCTION cabinet.audit_users();
DROP FUNCTION cabinet.audit_partitions_ensure(integer);
DROP TABLE public.audit_logs;
