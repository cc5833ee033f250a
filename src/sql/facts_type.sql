-- Enums, domains, composite types and ranges; lists are one item a line.
SELECT 'pg_type'::regclass::oid AS class, t.oid AS object, 0 AS sub, format('%I.%I', n.nspname, t.typname) AS ident,
    quote_ident(pg_get_userbyid(t.typowner)) AS owner, quote_ident(n.nspname) AS schema,
    quote_ident(t.typname) AS name, t.typname AS bare, t.typtype AS kind,
    CASE t.typtype
        WHEN 'e' THEN (SELECT string_agg(quote_literal(e.enumlabel), E'\n' ORDER BY e.enumsortorder) FROM pg_enum e
                       WHERE e.enumtypid = t.oid)
        WHEN 'c' THEN (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                           || CASE WHEN a.attcollation <> at.typcollation
                              THEN format(' COLLATE %I.%I', cn.nspname, co.collname) ELSE '' END,
                           E'\n' ORDER BY a.attnum)
                       FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid
                           LEFT JOIN pg_collation co ON co.oid = a.attcollation
                           LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
                       WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
        WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)
            || CASE WHEN t.typcollation <> bt.typcollation THEN format(' COLLATE %I.%I', dn.nspname, dc.collname)
               ELSE '' END
        WHEN 'r' THEN concat_ws(E'\n', 'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
            CASE WHEN NOT oc.opcdefault THEN 'SUBTYPE_OPCLASS = ' || format('%I.%I', ocn.nspname, oc.opcname) END,
            CASE WHEN r.rngcollation <> rs.typcollation THEN 'COLLATION = ' || format('%I.%I', rcn.nspname, rc.collname)
            END,
            'CANONICAL = ' || NULLIF(r.rngcanonical::oid, 0)::regproc,
            'SUBTYPE_DIFF = ' || NULLIF(r.rngsubdiff::oid, 0)::regproc,
            'MULTIRANGE_TYPE_NAME = ' || format_type(r.rngmultitypid, NULL))
    END AS items,
    CASE WHEN t.typtype = 'd' THEN t.typnotnull END AS not_null,
    CASE WHEN t.typtype = 'd' THEN pg_get_expr(t.typdefaultbin, 0) END AS "default"
FROM pg_type t
    JOIN pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_class c ON c.oid = t.typrelid
    LEFT JOIN pg_type bt ON bt.oid = t.typbasetype
    LEFT JOIN pg_collation dc ON dc.oid = t.typcollation
    LEFT JOIN pg_namespace dn ON dn.oid = dc.collnamespace
    LEFT JOIN pg_range r ON r.rngtypid = t.oid
    LEFT JOIN pg_type rs ON rs.oid = r.rngsubtype
    LEFT JOIN pg_opclass oc ON oc.oid = r.rngsubopc
    LEFT JOIN pg_namespace ocn ON ocn.oid = oc.opcnamespace
    LEFT JOIN pg_collation rc ON rc.oid = r.rngcollation
    LEFT JOIN pg_namespace rcn ON rcn.oid = rc.collnamespace
WHERE (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
