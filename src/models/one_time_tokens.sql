-- Tokens that are sent by mail and good for one use.  Only their hashes are kept; the row of an address without an
-- account has no user, and is there so that asking for it takes the same time.

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
        CHECK (kind IN ('verify_email', 'reset_password', 'change_email', 'confirm_deletion', 'invitation'))
);

COMMENT ON TABLE public.one_time_tokens IS 'Tokens sent by mail, good for one use. @api(audit(off))';
COMMENT ON COLUMN public.one_time_tokens.id IS 'Number of the token.';
COMMENT ON COLUMN public.one_time_tokens.token_hash IS 'SHA-256 of the token. @api(hidden)';
COMMENT ON COLUMN public.one_time_tokens.user_id IS 'Whose it is; null where the address has no account, and for invitations.';
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

CREATE FUNCTION cabinet.invitation_use(hash bytea, address text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.one_time_tokens AS t SET used_at = now()
     WHERE t.token_hash = hash AND t.kind = 'invitation' AND t.used_at IS NULL AND t.expires > cabinet.now()
       AND lower(t.email) = lower(address);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CB400', MESSAGE = 'the invitation is not valid';
    END IF;
    -- Who has the invitation reads that mail.
    UPDATE public.users AS u SET is_verified = true WHERE lower(u.email) = lower(address) AND u.deleted_at IS NULL;
END $$;
COMMENT ON FUNCTION cabinet.invitation_use(bytea, text) IS
    'Uses an invitation up for the account just made with its address; raises CB400 where there is none such.';
