-- cabinet migration
-- Revision: 62b9e84d170f
-- Revises: 1c7d0f5e93a2
-- Create Date: 2026-11-22T20:51:00Z
-- Message: accounts
-- Line: cabinet
-- upgrade
CREATE TABLE public.users (
    id                      bigint GENERATED ALWAYS AS IDENTITY,
    email                   text NOT NULL,
    username                text NOT NULL,
    is_verified             boolean NOT NULL DEFAULT false,
    is_superuser            boolean NOT NULL DEFAULT false,
    oauth_provider          text,
    date_created            timestamptz NOT NULL DEFAULT now(),
    row_version             bigint NOT NULL DEFAULT 1,
    deleted_at              timestamptz,
    deletion_scheduled_for  timestamptz,
    banned_at               timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_form
        CHECK (char_length(email) <= 254 AND email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'),
    CONSTRAINT users_username_length CHECK (char_length(username) BETWEEN 3 AND 50),
    CONSTRAINT users_username_characters CHECK (username !~ '[@[:cntrl:]]' AND username = btrim(username)),
    CONSTRAINT users_username_normalized CHECK (username IS NFKC NORMALIZED),
    CONSTRAINT users_oauth_provider_length CHECK (char_length(oauth_provider) BETWEEN 1 AND 50)
) WITH (fillfactor = 85);

COMMENT ON TABLE public.users IS 'People who may sign in. @api(expose, owner(id), soft_delete)';
COMMENT ON COLUMN public.users.id IS 'Number of the user, given by the database.';
COMMENT ON COLUMN public.users.email IS
    'E-mail address, unique without regard to case among users that are not deleted. @api(private, search)';
COMMENT ON COLUMN public.users.username IS
    'Public name, unique without regard to case among users that are not deleted. @api(public, search)';
COMMENT ON COLUMN public.users.is_verified IS 'Whether the e-mail address was confirmed. @api(readonly)';
COMMENT ON COLUMN public.users.is_superuser IS 'Whether the user administers everything. @api(readonly)';
COMMENT ON COLUMN public.users.oauth_provider IS
    'Provider the account was made through; null for accounts with a password. @api(readonly)';
COMMENT ON COLUMN public.users.date_created IS 'When the account was made. @api(public)';
COMMENT ON COLUMN public.users.row_version IS 'Counts changes of the row; the ETag is made of it.';
COMMENT ON COLUMN public.users.deleted_at IS 'When the user was moved to the trash; null while not deleted.';
COMMENT ON COLUMN public.users.deletion_scheduled_for IS
    'When the account will be deleted as its owner asked; null where nobody asked. @api(readonly)';
COMMENT ON COLUMN public.users.banned_at IS 'When an administrator shut the user out; null while not. @api(readonly)';

COMMENT ON CONSTRAINT users_email_form ON public.users IS
    'The e-mail address must look like name@host, without spaces, and have at most 254 characters.';
COMMENT ON CONSTRAINT users_username_length ON public.users IS 'The username must have 3 to 50 characters.';
COMMENT ON CONSTRAINT users_username_characters ON public.users IS
    'The username must not contain @ or control characters, nor begin or end with a space.';
COMMENT ON CONSTRAINT users_username_normalized ON public.users IS
    'The username must be in Unicode normal form NFKC.';
COMMENT ON CONSTRAINT users_oauth_provider_length ON public.users IS
    'The provider''s name must have 1 to 50 characters.';

-- Names of deleted users are free again.
CREATE UNIQUE INDEX users_email_live ON public.users (lower(email)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_username_live ON public.users (lower(username)) WHERE deleted_at IS NULL;

-- Lists of live users by date, alone and behind each filter that administrators use.
CREATE INDEX users_live_date ON public.users (date_created, id) WHERE deleted_at IS NULL;
CREATE INDEX users_live_verified ON public.users (is_verified, date_created, id) WHERE deleted_at IS NULL;
CREATE INDEX users_live_superuser ON public.users (is_superuser, date_created, id) WHERE deleted_at IS NULL;
CREATE INDEX users_live_provider ON public.users (oauth_provider, date_created, id) WHERE deleted_at IS NULL;

-- The trash, and accounts whose deletion is due.
CREATE INDEX users_deleted ON public.users (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX users_deletion_due ON public.users (deletion_scheduled_for) WHERE deletion_scheduled_for IS NOT NULL;

-- Search by any part of a name, in any case.
CREATE INDEX users_username_search ON public.users USING gin (username public.gin_trgm_ops);
CREATE INDEX users_email_search ON public.users USING gin (email public.gin_trgm_ops);

CREATE FUNCTION cabinet.superuser_remains() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- One such change at a time; the query after the lock sees what the others committed.
    PERFORM pg_advisory_xact_lock(hashtext('cabinet.superuser_remains'));
    IF NOT EXISTS (SELECT FROM public.users AS u
                    WHERE u.is_superuser AND u.deleted_at IS NULL AND u.banned_at IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'CB409', MESSAGE = 'no superuser would remain';
    END IF;
END $$;
COMMENT ON FUNCTION cabinet.superuser_remains() IS
    'Called after a change of users in its transaction; raises CB409 where it left no superuser who may sign in.';

CREATE TABLE public.user_secrets (
    user_id           bigint NOT NULL,
    password_hash     text,
    password_changed  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_secrets_pkey PRIMARY KEY (user_id),
    CONSTRAINT user_secrets_user FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE,
    CONSTRAINT user_secrets_password_hash_form
        CHECK (password_hash LIKE '$argon2id$%' AND char_length(password_hash) <= 512)
);
COMMENT ON TABLE public.user_secrets IS 'Secrets of users; never exposed and never granted. @api(audit(off))';
COMMENT ON COLUMN public.user_secrets.user_id IS 'The user.';
COMMENT ON COLUMN public.user_secrets.password_hash IS
    'Argon2id hash in PHC string form; null where no password was ever set. @api(hidden)';
COMMENT ON COLUMN public.user_secrets.password_changed IS 'When the password was set last.';
COMMENT ON CONSTRAINT user_secrets_password_hash_form ON public.user_secrets IS
    'The password hash must be an Argon2id hash of at most 512 characters.';

CREATE FUNCTION cabinet.login_lookup(name text)
RETURNS TABLE (user_id bigint, password_hash text, username text, email text, is_superuser boolean,
               is_verified boolean, banned_at timestamptz, deletion_scheduled_for timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF strpos(name, '@') > 0 THEN
        RETURN QUERY
        SELECT u.id, k.password_hash, u.username, u.email, u.is_superuser, u.is_verified, u.banned_at,
               u.deletion_scheduled_for
          FROM public.users AS u LEFT JOIN public.user_secrets AS k ON k.user_id = u.id
         WHERE lower(u.email) = lower(name) AND u.deleted_at IS NULL;
    ELSE
        RETURN QUERY
        SELECT u.id, k.password_hash, u.username, u.email, u.is_superuser, u.is_verified, u.banned_at,
               u.deletion_scheduled_for
          FROM public.users AS u LEFT JOIN public.user_secrets AS k ON k.user_id = u.id
         WHERE lower(u.username) = lower(normalize(name, NFKC)) AND u.deleted_at IS NULL;
    END IF;
END $$;
COMMENT ON FUNCTION cabinet.login_lookup(text) IS
    'The live user with that e-mail address or username and the hash to compare with; no row where there is none.';
REVOKE ALL ON FUNCTION cabinet.login_lookup(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.login_lookup(text) TO cabinet_app;

CREATE FUNCTION cabinet.password_of(of_user_id bigint) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT k.password_hash FROM public.user_secrets AS k WHERE k.user_id = of_user_id);
END $$;
COMMENT ON FUNCTION cabinet.password_of(bigint) IS 'The password hash of a user; null where there is none.';
REVOKE ALL ON FUNCTION cabinet.password_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.password_of(bigint) TO cabinet_app;

CREATE FUNCTION cabinet.password_set(of_user_id bigint, new_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.user_secrets AS k (user_id, password_hash, password_changed)
    VALUES (of_user_id, new_hash, now())
    ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, password_changed = now();
END $$;
COMMENT ON FUNCTION cabinet.password_set(bigint, text) IS 'Sets the password hash of a user.';
REVOKE ALL ON FUNCTION cabinet.password_set(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.password_set(bigint, text) TO cabinet_app;

CREATE TABLE public.sessions (
    id            uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id       bigint NOT NULL,
    counter       bigint NOT NULL DEFAULT 0,
    date_created  timestamptz NOT NULL DEFAULT now(),
    last_used     timestamptz NOT NULL DEFAULT now(),
    expires       timestamptz NOT NULL,
    ip            inet,
    user_agent    text,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_user_agent_length CHECK (char_length(user_agent) <= 512)
) WITH (fillfactor = 85);

COMMENT ON TABLE public.sessions IS 'Sign-ins that are still good. @api(audit(off))';
COMMENT ON COLUMN public.sessions.id IS 'Identity of the session; stands in its access tokens.';
COMMENT ON COLUMN public.sessions.user_id IS 'Who signed in.';
COMMENT ON COLUMN public.sessions.counter IS 'Counts refreshes; a refresh token with an older count was used before.';
COMMENT ON COLUMN public.sessions.date_created IS 'When the user signed in.';
COMMENT ON COLUMN public.sessions.last_used IS 'When the session was refreshed last.';
COMMENT ON COLUMN public.sessions.expires IS 'When the session ends if nothing happens.';
COMMENT ON COLUMN public.sessions.ip IS 'Address the session was last refreshed from.';
COMMENT ON COLUMN public.sessions.user_agent IS 'What the client said it is, cut to 512 characters.';
COMMENT ON CONSTRAINT sessions_user_agent_length ON public.sessions IS
    'The user agent must have at most 512 characters.';

CREATE INDEX sessions_user_created ON public.sessions (user_id, date_created);
CREATE INDEX sessions_expires ON public.sessions (expires);

GRANT SELECT, INSERT, UPDATE, DELETE ON public.sessions TO cabinet_app;
-- downgrade
DROP TABLE public.sessions;
DROP FUNCTION cabinet.password_set(bigint, text);
DROP FUNCTION cabinet.password_of(bigint);
DROP FUNCTION cabinet.login_lookup(text);
DROP TABLE public.user_secrets;
DROP FUNCTION cabinet.superuser_remains();
DROP TABLE public.users;
