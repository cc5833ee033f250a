-- $1 session, $2 user, $3 idle and $4 absolute lifetime in seconds, $5 address, $6 user agent
INSERT INTO public.sessions (id, user_id, counter, expires, ip, user_agent)
VALUES ($1::uuid, $2::bigint, 1, now() + make_interval(secs => LEAST($3::bigint, $4::bigint)), $5::inet,
        left($6::text, 512))
