-- cabinet migration
-- Revision: 8d2e5b7f0a91
-- Revises: 3f6a1c8e5d27
-- Create Date: 2026-11-28T10:30:00Z
-- Message: second factor
-- Line: cabinet
-- upgrade
CREATE TABLE public.user_totp (
    user_id       bigint NOT NULL,
    seed          bytea NOT NULL,
    date_created  timestamptz NOT NULL DEFAULT now(),
    confirmed     timestamptz,
    last_step     bigint NOT NULL DEFAULT 0,
    CONSTRAINT user_totp_pkey PRIMARY KEY (user_id),
    CONSTRAINT user_totp_user FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE,
    CONSTRAINT user_totp_seed_length CHECK (octet_length(seed) = 20)
);
COMMENT ON TABLE public.user_totp IS
    'Seeds of the codes with which users log in; never exposed and never granted. @api(audit(off))';
COMMENT ON COLUMN public.user_totp.user_id IS 'The user.';
COMMENT ON COLUMN public.user_totp.seed IS 'What the codes are made of. @api(hidden)';
COMMENT ON COLUMN public.user_totp.date_created IS 'When it was made.';
COMMENT ON COLUMN public.user_totp.confirmed IS 'Since when logging in takes a code; null before the first code was shown.';
COMMENT ON COLUMN public.user_totp.last_step IS 'Number of the half minute of the last code; that one and older are used up.';
COMMENT ON CONSTRAINT user_totp_seed_length ON public.user_totp IS 'The seed must have 20 bytes.';

CREATE TABLE public.recovery_codes (
    user_id    bigint NOT NULL,
    code_hash  bytea NOT NULL,
    used_at    timestamptz,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
    CONSTRAINT recovery_codes_user FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE,
    CONSTRAINT recovery_codes_hash_length CHECK (octet_length(code_hash) = 32)
);
COMMENT ON TABLE public.recovery_codes IS
    'Codes in place of a lost device, good for one use; never exposed and never granted. @api(audit(off))';
COMMENT ON COLUMN public.recovery_codes.user_id IS 'The user.';
COMMENT ON COLUMN public.recovery_codes.code_hash IS 'SHA-256 of the code. @api(hidden)';
COMMENT ON COLUMN public.recovery_codes.used_at IS 'When it was used; null while not.';
COMMENT ON CONSTRAINT recovery_codes_hash_length ON public.recovery_codes IS 'The hash must have 32 bytes.';

CREATE FUNCTION cabinet.totp_of(person bigint)
RETURNS TABLE (seed bytea, confirmed timestamptz, last_step bigint, codes_left bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT t.seed, t.confirmed, t.last_step,
           (SELECT count(*) FROM public.recovery_codes AS r WHERE r.user_id = person AND r.used_at IS NULL)
      FROM public.user_totp AS t
     WHERE t.user_id = person;
END $$;
COMMENT ON FUNCTION cabinet.totp_of(bigint) IS 'The second factor of a user; no row where there is none.';
REVOKE ALL ON FUNCTION cabinet.totp_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.totp_of(bigint) TO cabinet_app;

CREATE FUNCTION cabinet.totp_start(person bigint, new_seed bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.user_totp AS t (user_id, seed) VALUES (person, new_seed)
    ON CONFLICT (user_id) DO UPDATE SET seed = excluded.seed, date_created = now(), last_step = 0
     WHERE t.confirmed IS NULL;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION cabinet.totp_start(bigint, bytea) IS
    'Gives a user a seed that is to be confirmed; false where one is confirmed already.';
REVOKE ALL ON FUNCTION cabinet.totp_start(bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.totp_start(bigint, bytea) TO cabinet_app;

CREATE FUNCTION cabinet.recovery_codes_set(person bigint, hashes text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM public.recovery_codes AS r WHERE r.user_id = person;
    INSERT INTO public.recovery_codes (user_id, code_hash)
    SELECT person, decode(h.hash, 'hex') FROM unnest(string_to_array(hashes, ' ')) AS h (hash);
END $$;
COMMENT ON FUNCTION cabinet.recovery_codes_set(bigint, text) IS
    'Puts recovery codes, as hashes in hex separated by spaces, in place of a user''s old ones.';
REVOKE ALL ON FUNCTION cabinet.recovery_codes_set(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.recovery_codes_set(bigint, text) TO cabinet_app;

CREATE FUNCTION cabinet.totp_confirm(person bigint, step bigint, hashes text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.user_totp AS t SET confirmed = now(), last_step = step
     WHERE t.user_id = person AND t.confirmed IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CB400', MESSAGE = 'there is nothing to confirm';
    END IF;
    PERFORM cabinet.recovery_codes_set(person, hashes);
END $$;
COMMENT ON FUNCTION cabinet.totp_confirm(bigint, bigint, text) IS
    'From now on logging in takes a code newer than that of step; raises CB400 where nothing waits for it.';
REVOKE ALL ON FUNCTION cabinet.totp_confirm(bigint, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.totp_confirm(bigint, bigint, text) TO cabinet_app;

CREATE FUNCTION cabinet.totp_accept(person bigint, step bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.user_totp AS t SET last_step = step
     WHERE t.user_id = person AND t.confirmed IS NOT NULL AND t.last_step < step;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CB400', MESSAGE = 'the code was used';
    END IF;
END $$;
COMMENT ON FUNCTION cabinet.totp_accept(bigint, bigint) IS
    'Uses up the code of a step and all before it; raises CB400 where that happened already.';
REVOKE ALL ON FUNCTION cabinet.totp_accept(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.totp_accept(bigint, bigint) TO cabinet_app;

CREATE FUNCTION cabinet.recovery_code_use(person bigint, hash bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.recovery_codes AS r SET used_at = now()
     WHERE r.user_id = person AND r.code_hash = hash AND r.used_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CB400', MESSAGE = 'the recovery code is not valid';
    END IF;
END $$;
COMMENT ON FUNCTION cabinet.recovery_code_use(bigint, bytea) IS
    'Uses up a recovery code; raises CB400 where there is none such.';
REVOKE ALL ON FUNCTION cabinet.recovery_code_use(bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.recovery_code_use(bigint, bytea) TO cabinet_app;

CREATE FUNCTION cabinet.totp_stop(person bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was_on boolean;
BEGIN
    DELETE FROM public.recovery_codes AS r WHERE r.user_id = person;
    DELETE FROM public.user_totp AS t WHERE t.user_id = person RETURNING t.confirmed IS NOT NULL INTO was_on;
    RETURN coalesce(was_on, false);
END $$;
COMMENT ON FUNCTION cabinet.totp_stop(bigint) IS 'Takes a user''s second factor away; false where there was none.';
REVOKE ALL ON FUNCTION cabinet.totp_stop(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.totp_stop(bigint) TO cabinet_app;

-- downgrade
DROP FUNCTION cabinet.totp_stop(bigint);
DROP FUNCTION cabinet.recovery_code_use(bigint, bytea);
DROP FUNCTION cabinet.totp_accept(bigint, bigint);
DROP FUNCTION cabinet.totp_confirm(bigint, bigint, text);
DROP FUNCTION cabinet.recovery_codes_set(bigint, text);
DROP FUNCTION cabinet.totp_start(bigint, bytea);
DROP FUNCTION cabinet.totp_of(bigint);
DROP TABLE public.recovery_codes;
DROP TABLE public.user_totp;
