-- Keys with which programs call the API for a user.  Only their hashes are kept; taking one back is deleting its row, and
-- every request with a key looks its row up.

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
