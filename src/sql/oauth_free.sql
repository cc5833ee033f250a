-- An identity of an account in the trash is free again.  $1 issuer, $2 subject
DELETE FROM public.user_identities AS i
 USING public.users AS u
 WHERE i.issuer = $1::text AND i.subject = $2::text AND u.id = i.user_id AND u.deleted_at IS NOT NULL
