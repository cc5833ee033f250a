-- The kept answer.  $1 scope, hex
SELECT k.status, k.content_type, k.location, k.etag, k.body
  FROM public.idempotency_keys AS k WHERE k.scope = decode($1::text, 'hex') AND k.status IS NOT NULL
