-- Conversions between encodings.
SELECT 'pg_conversion'::regclass::oid AS class, c.oid AS object, 0 AS sub, format('%I.%I', n.nspname, c.conname) AS ident,
    quote_ident(pg_get_userbyid(c.conowner)) AS owner,
    format('CREATE %sCONVERSION %I.%I FOR %L TO %L FROM %s', CASE WHEN c.condefault THEN 'DEFAULT ' ELSE '' END,
        n.nspname, c.conname, pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc)
        AS definition
FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
