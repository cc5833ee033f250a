-- $1 user, $2 days until the deletion; returns when it will be, which stays as it is where it was scheduled before
UPDATE public.users AS u
   SET deletion_scheduled_for = COALESCE(u.deletion_scheduled_for, cabinet.now() + make_interval(days => $2::integer))
 WHERE u.id = $1::bigint
RETURNING replace(to_jsonb(u.deletion_scheduled_for) #>> '{}', '+00:00', 'Z')
