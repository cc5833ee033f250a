-- Operators.
SELECT 'pg_operator'::regclass::oid AS class, o.oid AS object, 0 AS sub,
    format('%I.%s (%s, %s)', n.nspname, o.oprname, coalesce(format_type(NULLIF(o.oprleft, 0), NULL), 'NONE'),
        coalesce(format_type(NULLIF(o.oprright, 0), NULL), 'NONE')) AS ident,
    quote_ident(pg_get_userbyid(o.oprowner)) AS owner,
    format('CREATE OPERATOR %I.%s (', n.nspname, o.oprname) || concat_ws(', ',
        'FUNCTION = ' || o.oprcode::regproc, 'LEFTARG = ' || format_type(NULLIF(o.oprleft, 0), NULL),
        'RIGHTARG = ' || format_type(NULLIF(o.oprright, 0), NULL),
        'COMMUTATOR = ' || (SELECT format('OPERATOR(%I.%s)', cn.nspname, c.oprname) FROM pg_operator c
            JOIN pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprcom),
        'NEGATOR = ' || (SELECT format('OPERATOR(%I.%s)', cn.nspname, c.oprname) FROM pg_operator c
            JOIN pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprnegate),
        'RESTRICT = ' || NULLIF(o.oprrest, 0)::regproc, 'JOIN = ' || NULLIF(o.oprjoin, 0)::regproc,
        CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END) || ')' AS definition
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oprcode <> 0 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
