-- Rotates a session's refresh token, and says what became of it: rotated; grace, where the token was replaced only
-- just now, by a parallel tab; reuse, where it is older.  No row: no such session, or its user may not sign in.
-- $1 session, $2 counter of the token, $3 grace, $4 idle and $5 absolute lifetime in seconds, $6 address, $7 user agent
WITH held AS (
    SELECT s.id, s.user_id, s.counter, s.last_used, s.expires, u.is_superuser
      FROM public.sessions AS s JOIN public.users AS u ON u.id = s.user_id
     WHERE s.id = $1::uuid AND s.expires > now() AND u.deleted_at IS NULL AND u.banned_at IS NULL
       FOR NO KEY UPDATE OF s
), rotated AS (
    UPDATE public.sessions AS s
       SET counter = s.counter + 1, last_used = now(),
           expires = LEAST(now() + make_interval(secs => $4::bigint),
                           s.date_created + make_interval(secs => $5::bigint)),
           ip = $6::inet, user_agent = left($7::text, 512)
      FROM held AS h
     WHERE s.id = h.id AND h.counter = $2::bigint
    RETURNING s.id, s.counter, s.expires
)
SELECT h.user_id, h.is_superuser, COALESCE(r.counter, h.counter),
       CEIL(EXTRACT(EPOCH FROM COALESCE(r.expires, h.expires) - now()))::bigint,
       CASE WHEN r.id IS NOT NULL THEN 'rotated'
            WHEN h.counter = $2::bigint + 1 AND h.last_used + make_interval(secs => $3::bigint) > now() THEN 'grace'
            ELSE 'reuse' END
  FROM held AS h LEFT JOIN rotated AS r ON r.id = h.id
