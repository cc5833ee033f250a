-- cabinet migration
-- Revision: 3f6a1c8e5d27
-- Revises: 7e2b4c90d1a6
-- Create Date: 2026-11-28T10:00:00Z
-- Message: API keys
-- Line: cabinet
-- upgrade
CREATE TABLE public.api_keys (
    id                bigint GENERATED ALWAYS AS IDENTITY,
    user_id           bigint NOT NULL,
    name              text NOT NULL,
    prefix            text NOT NULL,
    key_hash          bytea NOT NULL,
    previous_hash     bytea,
    previous_expires  timestamptz,
    scopes            text[] NOT NULL,
    date_created      timestamptz NOT NULL DEFAULT now(),
    date_rotated      timestamptz,
    expires           timestamptz NOT NULL,
    last_used         timestamptz,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_user FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE,
    CONSTRAINT api_keys_hash UNIQUE (key_hash),
    CONSTRAINT api_keys_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT api_keys_hash_length CHECK (octet_length(key_hash) = 32 AND octet_length(previous_hash) = 32),
    CONSTRAINT api_keys_scopes_count CHECK (cardinality(scopes) BETWEEN 1 AND 32)
) WITH (fillfactor = 85);

COMMENT ON TABLE public.api_keys IS 'Keys with which programs call the API for a user. @api(audit(off))';
COMMENT ON COLUMN public.api_keys.id IS 'Number of the key.';
COMMENT ON COLUMN public.api_keys.user_id IS 'Whose rights it has.';
COMMENT ON COLUMN public.api_keys.name IS 'What its owner calls it.';
COMMENT ON COLUMN public.api_keys.prefix IS 'Its first characters, by which its owner knows it again.';
COMMENT ON COLUMN public.api_keys.key_hash IS 'SHA-256 of the key. @api(hidden)';
COMMENT ON COLUMN public.api_keys.previous_hash IS 'SHA-256 of the key that it replaced. @api(hidden)';
COMMENT ON COLUMN public.api_keys.previous_expires IS 'Until when the replaced key is good, too.';
COMMENT ON COLUMN public.api_keys.scopes IS 'What it may do: read, write, admin, TABLE:read, TABLE:write.';
COMMENT ON COLUMN public.api_keys.date_created IS 'When it was made.';
COMMENT ON COLUMN public.api_keys.date_rotated IS 'When it was replaced last; null where never.';
COMMENT ON COLUMN public.api_keys.expires IS 'When it is no longer good.';
COMMENT ON COLUMN public.api_keys.last_used IS 'When it was used last, give or take a minute; null where never.';
COMMENT ON CONSTRAINT api_keys_name_length ON public.api_keys IS 'The name must have 1 to 100 characters.';
COMMENT ON CONSTRAINT api_keys_hash_length ON public.api_keys IS 'The hashes must have 32 bytes.';
COMMENT ON CONSTRAINT api_keys_scopes_count ON public.api_keys IS 'There must be 1 to 32 scopes.';

CREATE UNIQUE INDEX api_keys_previous_hash ON public.api_keys (previous_hash) WHERE previous_hash IS NOT NULL;
CREATE INDEX api_keys_user_id ON public.api_keys (user_id, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON public.api_keys TO cabinet_app;

CREATE FUNCTION cabinet.api_key_guard_failed(key_id bigint, hash bytea, key_user_id bigint, planned_superuser boolean)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    is_admin boolean;
BEGIN
    SELECT u.is_superuser AND 'admin' = ANY (k.scopes) INTO is_admin
      FROM public.api_keys AS k JOIN public.users AS u ON u.id = k.user_id
     WHERE k.id = key_id AND k.user_id = key_user_id AND k.expires > now()
       AND (k.key_hash = hash OR (k.previous_hash = hash AND k.previous_expires > now()))
       AND u.deleted_at IS NULL AND u.banned_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CB401', MESSAGE = 'API key or user is not valid';
    END IF;
    IF is_admin IS DISTINCT FROM planned_superuser THEN
        RAISE EXCEPTION USING ERRCODE = 'CB403', MESSAGE = 'role differs from the planned one';
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'CB410', MESSAGE = 'catalog generation differs from the planned one';
END $$;
COMMENT ON FUNCTION cabinet.api_key_guard_failed(bigint, bytea, bigint, boolean) IS
    'As cabinet.guard_failed, for a request with an API key.';

CREATE OR REPLACE FUNCTION cabinet.forget_user(person bigint) RETURNS text LANGUAGE plpgsql AS $$
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
        -- What would have gone with the row goes: secrets, sessions, keys, tokens, mail.
        FOR owned IN
            SELECT n.nspname, c.relname, a.attname
              FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
              JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
             WHERE k.contype = 'f' AND k.confrelid = 'public.users'::regclass AND k.confdeltype = 'c'
               AND cardinality(k.conkey) = 1 AND k.conparentid = 0
        LOOP
            BEGIN
                EXECUTE format('DELETE FROM %I.%I WHERE %I = $1', owned.nspname, owned.relname, owned.attname)
                    USING person;
            EXCEPTION WHEN foreign_key_violation THEN
                NULL;
            END;
        END LOOP;
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
-- downgrade
CREATE OR REPLACE FUNCTION cabinet.forget_user(person bigint) RETURNS text LANGUAGE plpgsql AS $$
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

DROP FUNCTION cabinet.api_key_guard_failed(bigint, bytea, bigint, boolean);
DROP TABLE public.api_keys;
