-- cabinet migration
-- Revision: 241772dca594
-- Revises: e8c1a96d2f57
-- Create Date: 2026-11-28T11:30:00Z
-- Message: identities at providers
-- Line: cabinet
-- Hazard: DATA_LOSS public.oauth_used (the table and its rows are dropped) on downgrade
-- Hazard: DATA_LOSS public.user_identities (the table and its rows are dropped) on downgrade

-- upgrade
CREATE TABLE public.oauth_used (
    hash bytea NOT NULL,
    expires timestamp with time zone NOT NULL,
    CONSTRAINT oauth_used_pkey PRIMARY KEY (hash),
    CONSTRAINT oauth_used_hash_length CHECK ((octet_length(hash) = 32))
);
CREATE TABLE public.user_identities (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME public.user_identities_id_seq),
    user_id bigint NOT NULL,
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    email text,
    date_created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT user_identities_pkey PRIMARY KEY (id),
    CONSTRAINT user_identities_one UNIQUE (user_id, issuer),
    CONSTRAINT user_identities_subject UNIQUE (issuer, subject),
    CONSTRAINT user_identities_provider_length CHECK (((char_length(provider) >= 1) AND (char_length(provider) <= 50))),
    CONSTRAINT user_identities_subject_length CHECK (((char_length(subject) >= 1) AND (char_length(subject) <= 255)))
);
ALTER TABLE public.user_identities ADD CONSTRAINT user_identities_user FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
CREATE INDEX oauth_used_expires ON public.oauth_used USING btree (expires);
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.oauth_used TO cabinet_app;
GRANT DELETE, INSERT, SELECT ON TABLE public.user_identities TO cabinet_app;
COMMENT ON COLUMN public.oauth_used.expires IS 'When the attempt would be too old anyway.';
COMMENT ON COLUMN public.oauth_used.hash IS 'SHA-256 of the attempt.';
COMMENT ON COLUMN public.user_identities.date_created IS 'When it was linked.';
COMMENT ON COLUMN public.user_identities.email IS 'E-mail address that the provider told when the identity was linked.';
COMMENT ON COLUMN public.user_identities.id IS 'Number of the link.';
COMMENT ON COLUMN public.user_identities.issuer IS 'Address of the provider.';
COMMENT ON COLUMN public.user_identities.provider IS 'Name of the provider in the settings.';
COMMENT ON COLUMN public.user_identities.subject IS 'Who it is there.';
COMMENT ON COLUMN public.user_identities.user_id IS 'Whose it is.';
COMMENT ON CONSTRAINT oauth_used_hash_length on public.oauth_used IS 'The hash must have 32 bytes.';
COMMENT ON CONSTRAINT user_identities_provider_length on public.user_identities IS 'The provider''s name must have 1 to 50 characters.';
COMMENT ON CONSTRAINT user_identities_subject_length on public.user_identities IS 'The subject must have 1 to 255 characters.';
COMMENT ON TABLE public.oauth_used IS 'Attempts to sign in at a provider that are over, so that none is used twice. @api(audit(off))';
COMMENT ON TABLE public.user_identities IS 'Identities at providers that people sign in with. @api(owner(user_id), audit(off))';

-- downgrade
DROP TABLE public.oauth_used;
DROP TABLE public.user_identities;
