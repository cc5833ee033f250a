-- Lets one sign-in with an identity happen at a time.  $1 issuer, $2 subject
SELECT pg_advisory_xact_lock(hashtextextended('cabinet.oauth ' || $1::text || ' ' || $2::text, 0))
