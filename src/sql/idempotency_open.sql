-- A key whose request is not read yet: whether this transaction has it, and the fingerprint of what was done with it.
-- $1 scope, hex.  The lock is the one of cabinet.idempotency_claim, which follows with the fingerprint.
SELECT pg_try_advisory_xact_lock(('x' || substr($1::text, 1, 16))::bit(64)::bigint),
       (SELECT encode(k.fingerprint, 'hex') FROM public.idempotency_keys AS k
         WHERE k.scope = decode($1::text, 'hex') AND k.date_created > now() - interval '24 hours')
