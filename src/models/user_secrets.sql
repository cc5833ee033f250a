-- What proves a user's identity.  The app role has no right on this table; it reaches single rows through the functions
-- below, which run as the owner.

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
        SELECT u.id, k.password_hash, u.username::text, u.email::text, u.is_superuser, u.is_verified, u.banned_at,
               u.deletion_scheduled_for
          FROM public.users AS u LEFT JOIN public.user_secrets AS k ON k.user_id = u.id
         WHERE lower(u.email) = lower(name) AND u.deleted_at IS NULL;
    ELSE
        RETURN QUERY
        SELECT u.id, k.password_hash, u.username::text, u.email::text, u.is_superuser, u.is_verified, u.banned_at,
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
