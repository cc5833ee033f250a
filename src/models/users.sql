-- The people (and programs) who sign in.  Secrets are kept apart, in user_secrets.

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
    -- one for all: each CHECK of a table costs every UPDATE some microseconds, whatever it changes
    CONSTRAINT users_username_form
        CHECK (char_length(username) >= 3 AND char_length(username) <= 50 AND username !~ '[@[:cntrl:]]'
               AND username = btrim(username) AND username IS NFKC NORMALIZED),
    CONSTRAINT users_oauth_provider_length CHECK (char_length(oauth_provider) BETWEEN 1 AND 50)
) WITH (fillfactor = 85);

COMMENT ON TABLE public.users IS
    'People who may sign in. @api(expose, owner(id), soft_delete, counted(is_verified, is_superuser, oauth_provider))';
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
COMMENT ON CONSTRAINT users_username_form ON public.users IS
    'The username must have 3 to 50 characters without @ and control characters, none of them a space at its ends, and be in Unicode normal form NFKC.';
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
