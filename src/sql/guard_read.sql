-- Raises CB401, CB403 or CB410 unless the call may run as it was planned.
-- $1 session, $2 its user, $3 whether a superuser, $4 generation of the catalog
SELECT cabinet.guard_failed($1::uuid, $2::bigint, $3::boolean, $4::bigint)
 WHERE cabinet.generation() <> $4::bigint
    OR NOT EXISTS (SELECT FROM public.sessions AS s
                     JOIN public.users AS u ON u.id = s.user_id
                    WHERE s.id = $1::uuid AND s.user_id = $2::bigint AND s.expires > now()
                      AND u.deleted_at IS NULL AND u.banned_at IS NULL AND u.is_superuser = $3::boolean)
