-- Notes an attempt as used; no row where it was.  $1 its hash in hex, $2 seconds that it is remembered
INSERT INTO public.oauth_used AS o (hash, expires)
VALUES (decode($1::text, 'hex'), now() + make_interval(secs => $2::bigint))
ON CONFLICT (hash) DO NOTHING
RETURNING o.expires
