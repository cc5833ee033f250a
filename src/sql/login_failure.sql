-- Counts a login that failed.  $1 code of the name, in hex
INSERT INTO public.login_failures AS f (name_code, began, failures, before)
VALUES (decode($1::text, 'hex'), date_trunc('hour', cabinet.now(), 'UTC'), 1, 0)
    ON CONFLICT (name_code) DO UPDATE
   SET before = CASE WHEN f.began = excluded.began THEN f.before
                     WHEN f.began = excluded.began - interval '1 hour' THEN f.failures
                     ELSE 0 END,
       failures = CASE WHEN f.began = excluded.began THEN f.failures + 1 ELSE 1 END,
       began = excluded.began
