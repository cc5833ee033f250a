-- Notes that a key was used; at most once a minute.  $1 key
UPDATE public.api_keys AS k SET last_used = now()
 WHERE k.id = $1::bigint AND (k.last_used IS NULL OR k.last_used < now() - interval '1 minute')
