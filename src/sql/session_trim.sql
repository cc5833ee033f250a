-- Ends a user's expired sessions, and the oldest ones beside the new one.
-- $1 user, $2 new session, $3 how many others may stay
DELETE FROM public.sessions AS s
 WHERE s.user_id = $1::bigint
   AND (s.expires <= now()
        OR s.id IN (SELECT o.id FROM public.sessions AS o
                     WHERE o.user_id = $1::bigint AND o.expires > now() AND o.id <> $2::uuid
                     ORDER BY o.date_created DESC, o.id
                    OFFSET $3::bigint))
