-- Sign-ins that are still good.  Ending one is deleting its row; every request looks its row up.

CREATE TABLE public.sessions (
    id            uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id       bigint NOT NULL,
    counter       bigint NOT NULL DEFAULT 0,
    date_created  timestamptz NOT NULL DEFAULT now(),
    last_used     timestamptz NOT NULL DEFAULT now(),
    expires       timestamptz NOT NULL,
    ip            inet,
    user_agent    text,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_user_agent_length CHECK (char_length(user_agent) <= 512)
) WITH (fillfactor = 85);

COMMENT ON TABLE public.sessions IS 'Sign-ins that are still good. @api(audit(off))';
COMMENT ON COLUMN public.sessions.id IS 'Identity of the session; stands in its access tokens.';
COMMENT ON COLUMN public.sessions.user_id IS 'Who signed in.';
COMMENT ON COLUMN public.sessions.counter IS 'Counts refreshes; a refresh token with an older count was used before.';
COMMENT ON COLUMN public.sessions.date_created IS 'When the user signed in.';
COMMENT ON COLUMN public.sessions.last_used IS 'When the session was refreshed last.';
COMMENT ON COLUMN public.sessions.expires IS 'When the session ends if nothing happens.';
COMMENT ON COLUMN public.sessions.ip IS 'Address the session was last refreshed from.';
COMMENT ON COLUMN public.sessions.user_agent IS 'What the client said it is, cut to 512 characters.';
COMMENT ON CONSTRAINT sessions_user_agent_length ON public.sessions IS
    'The user agent must have at most 512 characters.';

CREATE INDEX sessions_user_created ON public.sessions (user_id, date_created);
CREATE INDEX sessions_expires ON public.sessions (expires);

GRANT SELECT, INSERT, UPDATE, DELETE ON public.sessions TO cabinet_app;
