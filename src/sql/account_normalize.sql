-- Unicode normal form NFKC.  $1 username
SELECT normalize($1::text, NFKC)
