-- $1 identity, $2 user
DELETE FROM public.user_identities AS i WHERE i.id = $1::bigint AND i.user_id = $2::bigint
