-- The end of accounts: to the trash when the time of grace is over, forgotten when the time of retention is.

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
