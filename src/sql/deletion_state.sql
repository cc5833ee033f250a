-- How far the deletion of an account is: when it is scheduled for, and until when a request can be confirmed.  $1 user
SELECT replace(to_jsonb(u.deletion_scheduled_for) #>> '{}', '+00:00', 'Z'),
       (SELECT replace(to_jsonb(t.expires) #>> '{}', '+00:00', 'Z')
          FROM public.one_time_tokens AS t
         WHERE t.user_id = u.id AND t.kind = 'confirm_deletion' AND t.used_at IS NULL AND t.expires > cabinet.now())
  FROM public.users AS u
 WHERE u.id = $1::bigint
