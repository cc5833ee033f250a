-- Identities at providers that people sign in with.  An identity belongs to one account; an account has at most one of
-- each provider, so that an address that changed hands there opens nobody's account.

CREATE TABLE public.user_identities (
    id            bigint GENERATED ALWAYS AS IDENTITY,
    user_id       bigint NOT NULL,
    provider      text NOT NULL,
    issuer        text NOT NULL,
    subject       text NOT NULL,
    email         text,
    date_created  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_identities_pkey PRIMARY KEY (id),
    CONSTRAINT user_identities_user FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE,
    CONSTRAINT user_identities_subject UNIQUE (issuer, subject),
    CONSTRAINT user_identities_one UNIQUE (user_id, issuer),
    CONSTRAINT user_identities_provider_length CHECK (char_length(provider) BETWEEN 1 AND 50),
    CONSTRAINT user_identities_subject_length CHECK (char_length(subject) BETWEEN 1 AND 255)
);

COMMENT ON TABLE public.user_identities IS 'Identities at providers that people sign in with. @api(owner(user_id), audit(off))';
COMMENT ON COLUMN public.user_identities.id IS 'Number of the link.';
COMMENT ON COLUMN public.user_identities.user_id IS 'Whose it is.';
COMMENT ON COLUMN public.user_identities.provider IS 'Name of the provider in the settings.';
COMMENT ON COLUMN public.user_identities.issuer IS 'Address of the provider.';
COMMENT ON COLUMN public.user_identities.subject IS 'Who it is there.';
COMMENT ON COLUMN public.user_identities.email IS 'E-mail address that the provider told when the identity was linked.';
COMMENT ON COLUMN public.user_identities.date_created IS 'When it was linked.';
COMMENT ON CONSTRAINT user_identities_provider_length ON public.user_identities IS
    'The provider''s name must have 1 to 50 characters.';
COMMENT ON CONSTRAINT user_identities_subject_length ON public.user_identities IS
    'The subject must have 1 to 255 characters.';

GRANT SELECT, INSERT, DELETE ON public.user_identities TO cabinet_app;

CREATE TABLE public.oauth_used (
    hash     bytea NOT NULL,
    expires  timestamptz NOT NULL,
    CONSTRAINT oauth_used_pkey PRIMARY KEY (hash),
    CONSTRAINT oauth_used_hash_length CHECK (octet_length(hash) = 32)
);

COMMENT ON TABLE public.oauth_used IS
    'Attempts to sign in at a provider that are over, so that none is used twice. @api(audit(off))';
COMMENT ON COLUMN public.oauth_used.hash IS 'SHA-256 of the attempt.';
COMMENT ON COLUMN public.oauth_used.expires IS 'When the attempt would be too old anyway.';
COMMENT ON CONSTRAINT oauth_used_hash_length ON public.oauth_used IS 'The hash must have 32 bytes.';

CREATE INDEX oauth_used_expires ON public.oauth_used (expires);

GRANT SELECT, INSERT, UPDATE, DELETE ON public.oauth_used TO cabinet_app;
