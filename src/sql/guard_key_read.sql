-- As guard_read, for a request with an API key.
-- $1 key, $2 its hash in hex, $3 its user, $4 whether with the rights of a superuser, $5 generation of the catalog
SELECT cabinet.api_key_guard_failed($1::bigint, decode($2::text, 'hex'), $3::bigint, $4::boolean)
 WHERE cabinet.generation() <> $5::bigint
    OR NOT EXISTS (SELECT FROM public.api_keys AS k
                     JOIN public.users AS u ON u.id = k.user_id
                    WHERE k.id = $1::bigint AND k.user_id = $3::bigint AND k.expires > now()
                      AND (k.key_hash = decode($2::text, 'hex')
                           OR (k.previous_hash = decode($2::text, 'hex') AND k.previous_expires > now()))
                      AND u.deleted_at IS NULL AND u.banned_at IS NULL
                      AND (u.is_superuser AND 'admin' = ANY (k.scopes)) = $4::boolean)
