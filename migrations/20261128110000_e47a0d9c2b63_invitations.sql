-- cabinet migration
-- Revision: e47a0d9c2b63
-- Revises: b91f4c6a7e35
-- Create Date: 2026-11-28T11:00:00Z
-- Message: invitations
-- Line: cabinet
-- upgrade
ALTER TABLE public.one_time_tokens DROP CONSTRAINT one_time_tokens_kind_known;
ALTER TABLE public.one_time_tokens ADD CONSTRAINT one_time_tokens_kind_known
    CHECK (kind IN ('verify_email', 'reset_password', 'change_email', 'confirm_deletion', 'invitation')) NOT VALID;
COMMENT ON CONSTRAINT one_time_tokens_kind_known ON public.one_time_tokens IS 'The kind must be one of those known.';
COMMENT ON COLUMN public.one_time_tokens.user_id IS
    'Whose it is; null where the address has no account, and for invitations.';

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

-- upgrade
ALTER TABLE public.one_time_tokens VALIDATE CONSTRAINT one_time_tokens_kind_known;

-- downgrade
DROP FUNCTION cabinet.invitation_use(bytea, text);
COMMENT ON COLUMN public.one_time_tokens.user_id IS 'Whose it is; null where the address has no account.';
DELETE FROM public.one_time_tokens AS t WHERE t.kind = 'invitation';
ALTER TABLE public.one_time_tokens DROP CONSTRAINT one_time_tokens_kind_known;
ALTER TABLE public.one_time_tokens ADD CONSTRAINT one_time_tokens_kind_known
    CHECK (kind IN ('verify_email', 'reset_password', 'change_email', 'confirm_deletion'));
COMMENT ON CONSTRAINT one_time_tokens_kind_known ON public.one_time_tokens IS 'The kind must be one of those known.';
