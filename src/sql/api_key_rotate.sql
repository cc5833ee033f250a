-- A new key in place of the old one, which is good for a while yet; no row where there is none that is good.
-- $1 key, $2 its user, $3 prefix and $4 hash in hex of the new one, $5 seconds that the old one is good, too
UPDATE public.api_keys AS k
   SET prefix = $3::text, key_hash = decode($4::text, 'hex'), date_rotated = now(),
       previous_hash = CASE WHEN $5::bigint > 0 THEN k.key_hash END,
       previous_expires = CASE WHEN $5::bigint > 0 THEN now() + make_interval(secs => $5::bigint) END
 WHERE k.id = $1::bigint AND k.user_id = $2::bigint AND k.expires > now()
RETURNING k.id, k.name, k.prefix, array_to_json(k.scopes), replace(to_jsonb(k.date_created) #>> '{}', '+00:00', 'Z'),
          replace(to_jsonb(k.expires) #>> '{}', '+00:00', 'Z'), replace(to_jsonb(k.last_used) #>> '{}', '+00:00', 'Z'),
          replace(to_jsonb(k.date_rotated) #>> '{}', '+00:00', 'Z')
