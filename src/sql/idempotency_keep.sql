-- The answer to the request whose key this transaction has.
-- $1 scope, hex, $2 status, $3 type, $4 location, $5 ETag, $6 body
UPDATE public.idempotency_keys AS k
   SET status = $2::smallint, content_type = $3::text, location = $4::text, etag = $5::text, body = $6::text
 WHERE k.scope = decode($1::text, 'hex')
