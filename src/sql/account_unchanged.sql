-- Raises CB401 unless the user may still sign in with the password that was verified.  $1 user, $2 its hash
SELECT cabinet.guard_failed('00000000-0000-0000-0000-000000000000'::uuid, $1::bigint, false, 0)
 WHERE NOT EXISTS (SELECT FROM public.users AS u
                    WHERE u.id = $1::bigint AND u.deleted_at IS NULL AND u.banned_at IS NULL
                      AND cabinet.password_of(u.id) = $2::text)
