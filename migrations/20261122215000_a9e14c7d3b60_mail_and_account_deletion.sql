-- cabinet migration
-- Revision: a9e14c7d3b60
-- Revises: d84a3f6b2c51
-- Create Date: 2026-11-22T21:50:00Z
-- Message: mail and account deletion
-- Line: cabinet
-- upgrade
CREATE TABLE cabinet.clock (
    only_row  boolean NOT NULL DEFAULT true,
    ahead     interval NOT NULL,
    CONSTRAINT clock_pkey PRIMARY KEY (only_row),
    CONSTRAINT clock_one_row CHECK (only_row)
);
COMMENT ON TABLE cabinet.clock IS
    'Empty, but where tests let days pass: only the owner of the schema can write here. @api(audit(off))';
COMMENT ON COLUMN cabinet.clock.only_row IS 'Always true: keeps the table at one row.';
COMMENT ON COLUMN cabinet.clock.ahead IS 'How far cabinet.now() is ahead of the server''s clock.';
GRANT SELECT ON cabinet.clock TO cabinet_app;

CREATE FUNCTION cabinet.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT now() + coalesce((SELECT c.ahead FROM cabinet.clock AS c), interval '0')
$$;
COMMENT ON FUNCTION cabinet.now() IS
    'Time by which deletions, their reminders and mailed tokens fall due: now(), but where tests moved cabinet.clock.';

CREATE TABLE public.one_time_tokens (
    id            bigint GENERATED ALWAYS AS IDENTITY,
    token_hash    bytea NOT NULL,
    user_id       bigint,
    kind          text NOT NULL,
    email         text NOT NULL,
    session_id    uuid,
    date_created  timestamptz NOT NULL DEFAULT now(),
    expires       timestamptz NOT NULL,
    used_at       timestamptz,
    CONSTRAINT one_time_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT one_time_tokens_hash UNIQUE (token_hash),
    CONSTRAINT one_time_tokens_user FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE,
    CONSTRAINT one_time_tokens_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT one_time_tokens_kind_known
        CHECK (kind IN ('verify_email', 'reset_password', 'change_email', 'confirm_deletion'))
);

COMMENT ON TABLE public.one_time_tokens IS 'Tokens sent by mail, good for one use. @api(audit(off))';
COMMENT ON COLUMN public.one_time_tokens.id IS 'Number of the token.';
COMMENT ON COLUMN public.one_time_tokens.token_hash IS 'SHA-256 of the token. @api(hidden)';
COMMENT ON COLUMN public.one_time_tokens.user_id IS 'Whose it is; null where the address has no account.';
COMMENT ON COLUMN public.one_time_tokens.kind IS 'What it is good for.';
COMMENT ON COLUMN public.one_time_tokens.email IS 'Address it was sent to.';
COMMENT ON COLUMN public.one_time_tokens.session_id IS 'Session that asked for it; it outlives what the token does.';
COMMENT ON COLUMN public.one_time_tokens.date_created IS 'When it was asked for.';
COMMENT ON COLUMN public.one_time_tokens.expires IS 'When it is no longer good.';
COMMENT ON COLUMN public.one_time_tokens.used_at IS 'When it was used; null while not.';
COMMENT ON CONSTRAINT one_time_tokens_hash_length ON public.one_time_tokens IS 'The hash must have 32 bytes.';
COMMENT ON CONSTRAINT one_time_tokens_kind_known ON public.one_time_tokens IS 'The kind must be one of those known.';

-- One open token of a kind: a new one takes the place of the one before.
CREATE UNIQUE INDEX one_time_tokens_open ON public.one_time_tokens (user_id, kind) WHERE used_at IS NULL;
CREATE INDEX one_time_tokens_user_id ON public.one_time_tokens (user_id);
CREATE INDEX one_time_tokens_expires ON public.one_time_tokens (expires);

GRANT SELECT, INSERT, UPDATE, DELETE ON public.one_time_tokens TO cabinet_app;

CREATE FUNCTION cabinet.token_consume(hash bytea, of_kind text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    person bigint;
BEGIN
    UPDATE public.one_time_tokens AS t SET used_at = now()
     WHERE t.token_hash = hash AND t.kind = of_kind AND t.used_at IS NULL AND t.expires > cabinet.now()
       AND EXISTS (SELECT FROM public.users AS u
                    WHERE u.id = t.user_id AND u.deleted_at IS NULL AND u.banned_at IS NULL
                      AND (t.kind = 'change_email' OR lower(u.email) = lower(t.email)))
    RETURNING t.user_id INTO person;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CB400', MESSAGE = 'the token is not valid';
    END IF;
    -- Who holds the token acts.
    PERFORM set_config('cabinet.actor', person::text, true);
    RETURN person;
END $$;
COMMENT ON FUNCTION cabinet.token_consume(bytea, text) IS
    'Uses a token up and returns its user; raises CB400 where it is unknown, used, expired or its user may not sign in.';

CREATE TABLE public.mail_outbox (
    id            bigint GENERATED ALWAYS AS IDENTITY,
    message       uuid NOT NULL DEFAULT gen_random_uuid(),
    date_created  timestamptz NOT NULL DEFAULT now(),
    user_id       bigint,
    kind          text NOT NULL,
    recipient     text NOT NULL,
    facts         jsonb NOT NULL DEFAULT '{}',
    token_seed    bytea,
    token_hash    bytea,
    once          text,
    status        text NOT NULL DEFAULT 'queued',
    attempts      integer NOT NULL DEFAULT 0,
    next_try      timestamptz NOT NULL DEFAULT now(),
    date_done     timestamptz,
    last_error    text,
    CONSTRAINT mail_outbox_pkey PRIMARY KEY (id),
    CONSTRAINT mail_outbox_user FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE,
    CONSTRAINT mail_outbox_kind_form CHECK (kind ~ '^[a-z][a-z_]{0,62}$'),
    CONSTRAINT mail_outbox_status_known CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'void'))
) WITH (fillfactor = 70);

COMMENT ON TABLE public.mail_outbox IS 'Mail on its way, and sent of late. @api(audit(off))';
COMMENT ON COLUMN public.mail_outbox.id IS 'Number of the mail.';
COMMENT ON COLUMN public.mail_outbox.message IS 'What its Message-ID is made of, the same at each try.';
COMMENT ON COLUMN public.mail_outbox.date_created IS 'When it was written.';
COMMENT ON COLUMN public.mail_outbox.user_id IS 'Whom it concerns.';
COMMENT ON COLUMN public.mail_outbox.kind IS 'Which templates it is made of.';
COMMENT ON COLUMN public.mail_outbox.recipient IS 'Address it goes to.';
COMMENT ON COLUMN public.mail_outbox.facts IS 'What the templates tell; emptied once it is done.';
COMMENT ON COLUMN public.mail_outbox.token_seed IS
    'What its token is made of together with SECRET_KEY; emptied once it is done. @api(hidden)';
COMMENT ON COLUMN public.mail_outbox.token_hash IS 'SHA-256 of its token; emptied once it is done. @api(hidden)';
COMMENT ON COLUMN public.mail_outbox.once IS 'A name under which it is written only once.';
COMMENT ON COLUMN public.mail_outbox.status IS 'queued, sending, sent, failed or void.';
COMMENT ON COLUMN public.mail_outbox.attempts IS 'How often it was tried.';
COMMENT ON COLUMN public.mail_outbox.next_try IS 'When it is due, or, while it is being sent, given up for lost.';
COMMENT ON COLUMN public.mail_outbox.date_done IS 'When it was sent, or given up.';
COMMENT ON COLUMN public.mail_outbox.last_error IS 'Why the last try failed.';
COMMENT ON CONSTRAINT mail_outbox_kind_form ON public.mail_outbox IS
    'The kind must be a word of lower-case letters and underscores.';
COMMENT ON CONSTRAINT mail_outbox_status_known ON public.mail_outbox IS 'The status must be one of those known.';

CREATE INDEX mail_outbox_due ON public.mail_outbox (next_try, id) WHERE status IN ('queued', 'sending');
CREATE INDEX mail_outbox_done ON public.mail_outbox (date_created, id) WHERE status IN ('sent', 'failed', 'void');
CREATE INDEX mail_outbox_user_id ON public.mail_outbox (user_id);
CREATE UNIQUE INDEX mail_outbox_once ON public.mail_outbox (once) WHERE once IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON public.mail_outbox TO cabinet_app;

CREATE FUNCTION cabinet.superuser_remains_without(person bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('cabinet.superuser_remains'));
    IF EXISTS (SELECT FROM public.users AS u WHERE u.id = person AND u.is_superuser)
       AND NOT EXISTS (SELECT FROM public.users AS u
                        WHERE u.id <> person AND u.is_superuser AND u.deleted_at IS NULL AND u.banned_at IS NULL
                          AND u.deletion_scheduled_for IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'CB409', MESSAGE = 'no superuser would remain';
    END IF;
END $$;
COMMENT ON FUNCTION cabinet.superuser_remains_without(bigint) IS
    'Raises CB409 where the user is the last superuser whose account is to stay.';

CREATE FUNCTION cabinet.delete_due_users(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    person record;
    done integer := 0;
BEGIN
    FOR person IN
        SELECT u.id, u.email, u.username, u.is_superuser FROM public.users AS u
         WHERE u.deletion_scheduled_for <= cabinet.now() AND u.deleted_at IS NULL
         ORDER BY u.deletion_scheduled_for, u.id LIMIT most FOR UPDATE SKIP LOCKED
    LOOP
        BEGIN
            UPDATE public.users AS u SET deleted_at = cabinet.now(), deletion_scheduled_for = NULL
             WHERE u.id = person.id;
            IF person.is_superuser THEN
                PERFORM cabinet.superuser_remains();
            END IF;
            DELETE FROM public.sessions AS s WHERE s.user_id = person.id;
            DELETE FROM public.one_time_tokens AS t WHERE t.user_id = person.id AND t.used_at IS NULL;
            INSERT INTO public.mail_outbox (user_id, kind, recipient, facts)
            VALUES (person.id, 'deletion_done', person.email, jsonb_build_object('username', person.username));
            INSERT INTO public.audit_logs (user_id, action, table_name, row_key)
            VALUES (person.id, 'deletion_done', 'users', person.id::text);
        EXCEPTION WHEN SQLSTATE 'CB409' THEN
            -- The last superuser stays.
            UPDATE public.users AS u SET deletion_scheduled_for = NULL WHERE u.id = person.id;
            INSERT INTO public.audit_logs (user_id, action, table_name, row_key, success)
            VALUES (person.id, 'deletion_done', 'users', person.id::text, false);
        END;
        done := done + 1;
    END LOOP;
    RETURN done;
END $$;
COMMENT ON FUNCTION cabinet.delete_due_users(integer) IS
    'Moves up to so many users whose time of grace is over to the trash and ends their sessions; returns how many.';

-- Runs as the owner through purge_deleted_users only.
CREATE FUNCTION cabinet.forget_user(person bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    -- A random number that tells nothing of the person; below zero, where no user is.
    pseudonym bigint := -1 - ('x' || left(replace(gen_random_uuid()::text, '-', ''), 12))::bit(48)::bigint;
    owned record;
    blocked boolean := true;
    columns text;
    result text := 'purged';
BEGIN
    BEGIN
        -- Tables may refer to each other: what is blocked now may not be when the others are done.
        FOR pass IN 1 .. 5 LOOP
            EXIT WHEN NOT blocked;
            blocked := false;
            FOR owned IN
                SELECT n.nspname, c.relname,
                       substring(replace(obj_description(c.oid, 'pg_class'), ' ', '')
                                 FROM '@api\([^@]*owner\(([^)]+)\)') AS attname
                  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.oid <> 'public.users'::regclass
                   AND replace(obj_description(c.oid, 'pg_class'), ' ', '') ~ '@api\([^@]*owner\([^)]+\)'
            LOOP
                BEGIN
                    EXECUTE format('DELETE FROM %I.%I WHERE %I = $1', owned.nspname, owned.relname, owned.attname)
                        USING person;
                EXCEPTION WHEN foreign_key_violation THEN
                    blocked := true;
                END;
            END LOOP;
        END LOOP;
        DELETE FROM public.users AS u WHERE u.id = person;
    EXCEPTION WHEN foreign_key_violation THEN
        -- Others' rows refer to the person: the row stays, and says nothing any more.
        result := 'anonymised';
        SELECT string_agg(format('%I = NULL', a.attname), ', ') INTO columns
          FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid = 'public.users'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attnotnull
           AND a.attgenerated = '' AND a.attname <> 'deleted_at';
        EXECUTE format('UPDATE public.users SET email = %L, username = %L, is_verified = false, is_superuser = false, %s '
                       'WHERE id = $1', 'deleted-' || person || '@invalid', 'deleted-' || person, columns) USING person;
        DELETE FROM public.user_secrets AS k WHERE k.user_id = person;
        DELETE FROM public.sessions AS s WHERE s.user_id = person;
        DELETE FROM public.one_time_tokens AS t WHERE t.user_id = person;
        DELETE FROM public.mail_outbox AS m WHERE m.user_id = person;
    END;
    -- The trail keeps what happened, and forgets to whom.
    UPDATE public.audit_logs AS l
       SET user_id = pseudonym, before = NULL, after = NULL, user_agent = NULL,
           actor_id = CASE WHEN l.actor_id = person THEN pseudonym ELSE l.actor_id END,
           ip = CASE WHEN l.actor_id IS DISTINCT FROM person AND l.actor_id IS NOT NULL THEN l.ip END,
           row_key = CASE WHEN l.table_name = 'users' THEN pseudonym::text ELSE l.row_key END
     WHERE l.user_id = person;
    UPDATE public.audit_logs AS l
       SET actor_id = pseudonym, ip = NULL, user_agent = NULL
     WHERE l.actor_id = person;
    INSERT INTO public.audit_logs (user_id, action, table_name, row_key, after)
    VALUES (pseudonym, 'deletion_purged', 'users', pseudonym::text, jsonb_build_object('result', result));
    RETURN result;
END $$;
COMMENT ON FUNCTION cabinet.forget_user(bigint) IS
    'Deletes a user with the rows the user owns, or empties the row where others refer to it, and puts a pseudonym into the audit trail.';
REVOKE ALL ON FUNCTION cabinet.forget_user(bigint) FROM PUBLIC;

CREATE FUNCTION cabinet.purge_deleted_users(retention_days integer, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint;
    done integer := 0;
BEGIN
    IF retention_days IS NULL OR retention_days < 0 OR most IS NULL OR most NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = 'retention_days must not be negative, and most must be between 1 and 1000';
    END IF;
    -- Only who has been in the trash for so long; who was emptied before is not looked at again.
    FOR person IN
        SELECT u.id FROM public.users AS u
         WHERE u.deleted_at <= cabinet.now() - make_interval(days => retention_days)
           AND u.email <> 'deleted-' || u.id || '@invalid'
         ORDER BY u.deleted_at, u.id LIMIT most FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM cabinet.forget_user(person);
        done := done + 1;
    END LOOP;
    RETURN done;
END $$;
COMMENT ON FUNCTION cabinet.purge_deleted_users(integer, integer) IS
    'Forgets up to so many users who have been in the trash for so many days; returns how many.';
REVOKE ALL ON FUNCTION cabinet.purge_deleted_users(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.purge_deleted_users(integer, integer) TO cabinet_app;
-- downgrade
DROP FUNCTION cabinet.purge_deleted_users(integer, integer);
DROP FUNCTION cabinet.forget_user(bigint);
DROP FUNCTION cabinet.delete_due_users(integer);
DROP FUNCTION cabinet.superuser_remains_without(bigint);
DROP TABLE public.mail_outbox;
DROP FUNCTION cabinet.token_consume(bytea, text);
DROP TABLE public.one_time_tokens;
DROP FUNCTION cabinet.now();
DROP TABLE cabinet.clock;
