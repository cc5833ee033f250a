-- Mail on its way.  Written in the transaction of what causes it, sent by housekeeping:
--
--   queued -> sending -> sent          the server took it
--                     -> queued        it did not; again at next_try
--                     -> failed        it never will, or it is too late
--                     -> void          its token was replaced or used in the meantime
--
-- A mail that was being sent when the process died is sent again after next_try, under the same Message-ID.

CREATE TABLE public.mail_outbox (
    id            bigint GENERATED ALWAYS AS IDENTITY,
    message       uuid NOT NULL DEFAULT gen_random_uuid(),
    date_created  timestamptz NOT NULL DEFAULT now(),
    user_id       bigint,
    kind          text NOT NULL,
    recipient     text NOT NULL,
    facts         jsonb NOT NULL DEFAULT '{}',
    token_seed    bytea,
    token_hash    bytea,
    once          text,
    status        text NOT NULL DEFAULT 'queued',
    attempts      integer NOT NULL DEFAULT 0,
    next_try      timestamptz NOT NULL DEFAULT now(),
    date_done     timestamptz,
    last_error    text,
    CONSTRAINT mail_outbox_pkey PRIMARY KEY (id),
    CONSTRAINT mail_outbox_user FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE,
    CONSTRAINT mail_outbox_kind_form CHECK (kind ~ '^[a-z][a-z_]{0,62}$'),
    CONSTRAINT mail_outbox_status_known CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'void'))
) WITH (fillfactor = 70);

COMMENT ON TABLE public.mail_outbox IS 'Mail on its way, and sent of late. @api(audit(off))';
COMMENT ON COLUMN public.mail_outbox.id IS 'Number of the mail.';
COMMENT ON COLUMN public.mail_outbox.message IS 'What its Message-ID is made of, the same at each try.';
COMMENT ON COLUMN public.mail_outbox.date_created IS 'When it was written.';
COMMENT ON COLUMN public.mail_outbox.user_id IS 'Whom it concerns.';
COMMENT ON COLUMN public.mail_outbox.kind IS 'Which templates it is made of.';
COMMENT ON COLUMN public.mail_outbox.recipient IS 'Address it goes to.';
COMMENT ON COLUMN public.mail_outbox.facts IS 'What the templates tell; emptied once it is done.';
COMMENT ON COLUMN public.mail_outbox.token_seed IS
    'What its token is made of together with SECRET_KEY; emptied once it is done. @api(hidden)';
COMMENT ON COLUMN public.mail_outbox.token_hash IS 'SHA-256 of its token; emptied once it is done. @api(hidden)';
COMMENT ON COLUMN public.mail_outbox.once IS 'A name under which it is written only once.';
COMMENT ON COLUMN public.mail_outbox.status IS 'queued, sending, sent, failed or void.';
COMMENT ON COLUMN public.mail_outbox.attempts IS 'How often it was tried.';
COMMENT ON COLUMN public.mail_outbox.next_try IS 'When it is due, or, while it is being sent, given up for lost.';
COMMENT ON COLUMN public.mail_outbox.date_done IS 'When it was sent, or given up.';
COMMENT ON COLUMN public.mail_outbox.last_error IS 'Why the last try failed.';
COMMENT ON CONSTRAINT mail_outbox_kind_form ON public.mail_outbox IS
    'The kind must be a word of lower-case letters and underscores.';
COMMENT ON CONSTRAINT mail_outbox_status_known ON public.mail_outbox IS 'The status must be one of those known.';

CREATE INDEX mail_outbox_due ON public.mail_outbox (next_try, id) WHERE status IN ('queued', 'sending');
CREATE INDEX mail_outbox_done ON public.mail_outbox (date_created, id) WHERE status IN ('sent', 'failed', 'void');
CREATE INDEX mail_outbox_user_id ON public.mail_outbox (user_id);
CREATE UNIQUE INDEX mail_outbox_once ON public.mail_outbox (once) WHERE once IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON public.mail_outbox TO cabinet_app;
