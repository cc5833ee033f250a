-- The people (and programs) who sign in.  Secrets are kept apart, in user_secrets.

-- What a value must be is asked where one is made.  A CHECK of the table would be read from its text and planned anew by
-- each UPDATE, whatever it changes.
CREATE DOMAIN cabinet.email_address AS text
    CONSTRAINT email_address_form
        CHECK (char_length(VALUE) <= 254 AND VALUE ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$');
CREATE DOMAIN cabinet.username AS text
    CONSTRAINT username_form
        CHECK (char_length(VALUE) >= 3 AND char_length(VALUE) <= 50 AND VALUE !~ '[@[:cntrl:]]'
               AND VALUE = btrim(VALUE) AND VALUE IS NFKC NORMALIZED);
CREATE DOMAIN cabinet.provider_name AS text
    CONSTRAINT provider_name_length CHECK (char_length(VALUE) BETWEEN 1 AND 50);

COMMENT ON DOMAIN cabinet.email_address IS 'An e-mail address, name@host.';
COMMENT ON DOMAIN cabinet.username IS 'A name that a person signs in by and is shown under.';
COMMENT ON DOMAIN cabinet.provider_name IS 'The name of an OpenID provider in the settings.';
COMMENT ON CONSTRAINT email_address_form ON DOMAIN cabinet.email_address IS
    'The e-mail address must look like name@host, without spaces, and have at most 254 characters.';
COMMENT ON CONSTRAINT username_form ON DOMAIN cabinet.username IS
    'The username must have 3 to 50 characters without @ and control characters, none of them a space at its ends, and be in Unicode normal form NFKC.';
COMMENT ON CONSTRAINT provider_name_length ON DOMAIN cabinet.provider_name IS
    'The provider''s name must have 1 to 50 characters.';

CREATE TABLE public.users (
    id                      bigint GENERATED ALWAYS AS IDENTITY,
    email                   cabinet.email_address NOT NULL,
    username                cabinet.username NOT NULL,
    is_verified             boolean NOT NULL DEFAULT false,
    is_superuser            boolean NOT NULL DEFAULT false,
    oauth_provider          cabinet.provider_name,
    date_created            timestamptz NOT NULL DEFAULT now(),
    row_version             bigint NOT NULL DEFAULT 1,
    deleted_at              timestamptz,
    deletion_scheduled_for  timestamptz,
    banned_at               timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (id)
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
CREATE INDEX users_search ON public.users USING gin (email public.gin_trgm_ops, username public.gin_trgm_ops);

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
