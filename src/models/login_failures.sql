-- Logins that failed, counted for each name whether it has an account or not, so that several hosts agree.  A name is
-- known by a code under the service's key only.

CREATE TABLE public.login_failures (
    name_code  bytea NOT NULL,
    began      timestamptz NOT NULL,
    failures   integer NOT NULL,
    before     integer NOT NULL,
    CONSTRAINT login_failures_pkey PRIMARY KEY (name_code),
    CONSTRAINT login_failures_code_length CHECK (octet_length(name_code) = 32)
) WITH (fillfactor = 70);
COMMENT ON TABLE public.login_failures IS 'Logins that failed, by name. @api(audit(off))';
COMMENT ON COLUMN public.login_failures.name_code IS 'Code of the name that was given. @api(hidden)';
COMMENT ON COLUMN public.login_failures.began IS 'Begin of the hour that is counted.';
COMMENT ON COLUMN public.login_failures.failures IS 'Logins that failed in that hour.';
COMMENT ON COLUMN public.login_failures.before IS 'Logins that failed in the hour before.';
COMMENT ON CONSTRAINT login_failures_code_length ON public.login_failures IS 'The code must have 32 bytes.';

CREATE INDEX login_failures_began ON public.login_failures (began);

GRANT SELECT, INSERT, UPDATE, DELETE ON public.login_failures TO cabinet_app;

CREATE FUNCTION cabinet.login_failures_of(code bytea) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT CASE WHEN f.began = h.began THEN f.failures + floor(f.before * h.rest)
                    WHEN f.began = h.began - interval '1 hour' THEN floor(f.failures * h.rest)
                    ELSE 0 END::integer
          FROM public.login_failures AS f
         CROSS JOIN (SELECT date_trunc('hour', cabinet.now(), 'UTC') AS began,
                            1 - extract(epoch FROM cabinet.now() - date_trunc('hour', cabinet.now(), 'UTC')) / 3600 AS rest
                    ) AS h
         WHERE f.name_code = code), 0)
$$;
COMMENT ON FUNCTION cabinet.login_failures_of(bytea) IS
    'Logins with that name that failed in the last hour: those of this hour, and of the last one as much as still counts.';
