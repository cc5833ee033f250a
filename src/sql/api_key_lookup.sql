-- Whose key it is and what it may do.  $1 its hash in hex
SELECT k.id, k.user_id, u.is_superuser AND 'admin' = ANY (k.scopes), array_to_string(k.scopes, ' ')
  FROM public.api_keys AS k JOIN public.users AS u ON u.id = k.user_id
 WHERE (k.key_hash = decode($1::text, 'hex')
        OR (k.previous_hash = decode($1::text, 'hex') AND k.previous_expires > now()))
   AND k.expires > now() AND u.deleted_at IS NULL AND u.banned_at IS NULL
