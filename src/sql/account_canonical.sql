-- The form in which a name is compared with e-mail addresses and usernames.  $1 name
SELECT CASE WHEN strpos($1::text, '@') > 0 THEN lower($1::text) ELSE lower(normalize($1::text, NFKC)) END
