-- Whether who wants to link is still signed in; then the account is locked.  $1 session, $2 user
SELECT u.is_verified
  FROM public.sessions AS s JOIN public.users AS u ON u.id = s.user_id
 WHERE s.id = $1::uuid AND s.user_id = $2::bigint AND s.expires > now() AND u.deleted_at IS NULL
   AND u.banned_at IS NULL
   FOR NO KEY UPDATE OF u
