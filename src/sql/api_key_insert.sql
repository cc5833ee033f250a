-- No row where the user has as many keys as are allowed.
-- $1 user, $2 name, $3 prefix, $4 hash in hex, $5 scopes separated by spaces, $6 days it is good, $7 most keys of a user
INSERT INTO public.api_keys (user_id, name, prefix, key_hash, scopes, expires)
SELECT $1::bigint, $2::text, $3::text, decode($4::text, 'hex'), string_to_array($5::text, ' '),
       now() + make_interval(days => $6::integer)
 WHERE (SELECT count(*) FROM public.api_keys AS k WHERE k.user_id = $1::bigint AND k.expires > now()) < $7::bigint
RETURNING id, name, prefix, array_to_json(scopes), replace(to_jsonb(date_created) #>> '{}', '+00:00', 'Z'),
          replace(to_jsonb(expires) #>> '{}', '+00:00', 'Z'), NULL, NULL
