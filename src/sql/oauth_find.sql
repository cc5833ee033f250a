-- The account that an identity is linked to, else the one that has its e-mail address; locked.
-- $1 issuer, $2 subject, $3 e-mail address or null
WITH candidate AS (
    SELECT i.user_id AS id, true AS is_linked FROM public.user_identities AS i
     WHERE i.issuer = $1::text AND i.subject = $2::text
    UNION ALL
    SELECT o.id, false FROM public.users AS o WHERE lower(o.email) = lower($3::text) AND o.deleted_at IS NULL
)
SELECT u.id, c.is_linked, u.is_verified, u.is_superuser, u.banned_at IS NOT NULL,
       replace(to_jsonb(u.deletion_scheduled_for) #>> '{}', '+00:00', 'Z'),
       EXISTS (SELECT FROM public.user_identities AS n WHERE n.user_id = u.id AND n.issuer = $1::text),
       EXISTS (SELECT FROM cabinet.totp_of(u.id) AS t WHERE t.confirmed IS NOT NULL)
  FROM candidate AS c JOIN public.users AS u ON u.id = c.id
 WHERE u.deleted_at IS NULL
 ORDER BY c.is_linked DESC
 LIMIT 1
   FOR NO KEY UPDATE OF u
