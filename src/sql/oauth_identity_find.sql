-- A user's identity, and whether the user could sign in without it.  $1 identity, $2 user
SELECT i.provider, cabinet.password_of(i.user_id) IS NOT NULL OR
       EXISTS (SELECT FROM public.user_identities AS o WHERE o.user_id = i.user_id AND o.id <> i.id)
  FROM public.user_identities AS i
 WHERE i.id = $1::bigint AND i.user_id = $2::bigint
