-- $1 key, $2 its user; returns the user
DELETE FROM public.api_keys AS k WHERE k.id = $1::bigint AND k.user_id = $2::bigint RETURNING k.user_id
