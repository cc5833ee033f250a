-- Answers to writes that came with an Idempotency-Key, so that a repeated request is answered and not done again.
-- The row is made in the write's own transaction: a crash leaves neither.

CREATE TABLE public.idempotency_keys (
    scope         bytea NOT NULL,
    user_id       bigint NOT NULL,
    fingerprint   bytea NOT NULL,
    date_created  timestamptz NOT NULL DEFAULT now(),
    status        smallint,
    content_type  text,
    location      text,
    etag          text,
    body          text,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope),
    CONSTRAINT idempotency_keys_user FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE,
    CONSTRAINT idempotency_keys_status_done CHECK (status BETWEEN 200 AND 299)
);

COMMENT ON TABLE public.idempotency_keys IS 'Answers kept for repeated requests. @api(audit(off))';
COMMENT ON COLUMN public.idempotency_keys.scope IS 'SHA-256 of user, method, path and key.';
COMMENT ON COLUMN public.idempotency_keys.user_id IS 'Who sent it.';
COMMENT ON COLUMN public.idempotency_keys.fingerprint IS 'SHA-256 of rights, query and body.';
COMMENT ON COLUMN public.idempotency_keys.date_created IS 'When it was done.';
COMMENT ON COLUMN public.idempotency_keys.status IS 'Status of the answer.';
COMMENT ON COLUMN public.idempotency_keys.content_type IS 'Type of its body.';
COMMENT ON COLUMN public.idempotency_keys.location IS 'Its Location.';
COMMENT ON COLUMN public.idempotency_keys.etag IS 'Its ETag.';
COMMENT ON COLUMN public.idempotency_keys.body IS 'Its body; null where it has none, or one that is too large to be kept.';
COMMENT ON CONSTRAINT idempotency_keys_status_done ON public.idempotency_keys IS
    'Only answers to what was done are kept.';

CREATE INDEX idempotency_keys_date ON public.idempotency_keys (date_created);
CREATE INDEX idempotency_keys_user_id ON public.idempotency_keys (user_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON public.idempotency_keys TO cabinet_app;

CREATE FUNCTION cabinet.idempotency_claim(person bigint, of_scope bytea, print bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    kept bytea;
BEGIN
    -- Waiting on the unique index would hold a worker; the lock ends with the transaction.
    IF NOT pg_try_advisory_xact_lock(('x' || encode(substr(of_scope, 1, 8), 'hex'))::bit(64)::bigint) THEN
        RAISE EXCEPTION USING ERRCODE = 'CB423', MESSAGE = 'a request with this key is being done';
    END IF;
    SELECT k.fingerprint INTO kept FROM public.idempotency_keys AS k
     WHERE k.scope = of_scope AND k.date_created > now() - interval '24 hours';
    IF NOT FOUND THEN
        INSERT INTO public.idempotency_keys AS k (scope, user_id, fingerprint) VALUES (of_scope, person, print)
        ON CONFLICT (scope) DO UPDATE
           SET fingerprint = excluded.fingerprint, date_created = excluded.date_created,
               status = NULL, content_type = NULL, location = NULL, etag = NULL, body = NULL;
    ELSIF kept = print THEN
        RAISE EXCEPTION USING ERRCODE = 'CB208', MESSAGE = 'the request was done before';
    ELSE
        RAISE EXCEPTION USING ERRCODE = 'CB422', MESSAGE = 'the key belongs to another request';
    END IF;
END $$;
COMMENT ON FUNCTION cabinet.idempotency_claim(bigint, bytea, bytea) IS
    'Takes a key for this transaction; raises CB423 while another has it, CB208 where it was done, CB422 where it was another request.';
