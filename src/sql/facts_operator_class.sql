-- Operator classes with the operators and functions bound to them.
SELECT 'pg_opclass'::regclass::oid AS class, o.oid AS object, 0 AS sub,
    'pg_opfamily'::regclass::oid AS on_class, f.oid AS on_object, 0 AS on_sub,
    format('%I.%I USING %I', n.nspname, o.opcname, a.amname) AS ident,
    quote_ident(pg_get_userbyid(o.opcowner)) AS owner,
    format('CREATE OPERATOR CLASS %I.%I %sFOR TYPE %s USING %I FAMILY %I.%I AS ', n.nspname, o.opcname,
        CASE WHEN o.opcdefault THEN 'DEFAULT ' ELSE '' END, format_type(o.opcintype, NULL), a.amname,
        fn.nspname, f.opfname)
    || concat_ws(', ', 'STORAGE ' || format_type(COALESCE(NULLIF(o.opckeytype, 0), CASE WHEN NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.refclassid = 'pg_opclass'::regclass AND d.refobjid = o.oid
            AND d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass)) THEN o.opcintype END), NULL),
        (SELECT string_agg(format('OPERATOR %s %I.%s (%s, %s)%s', m.amopstrategy, pn.nspname, p.oprname,
                format_type(m.amoplefttype, NULL), format_type(m.amoprighttype, NULL),
                CASE WHEN m.amoppurpose = 'o' THEN ' FOR ORDER BY ' || (SELECT format('%I.%I', sn.nspname, s.opfname)
                    FROM pg_opfamily s JOIN pg_namespace sn ON sn.oid = s.opfnamespace WHERE s.oid = m.amopsortfamily)
                ELSE '' END), ', ' ORDER BY m.amopstrategy)
         FROM pg_depend d JOIN pg_amop m ON m.oid = d.objid JOIN pg_operator p ON p.oid = m.amopopr
             JOIN pg_namespace pn ON pn.oid = p.oprnamespace
         WHERE d.classid = 'pg_amop'::regclass AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = o.oid),
        (SELECT string_agg(format('FUNCTION %s (%s, %s) %s', m.amprocnum, format_type(m.amproclefttype, NULL),
                format_type(m.amprocrighttype, NULL), m.amproc::regprocedure), ', ' ORDER BY m.amprocnum)
         FROM pg_depend d JOIN pg_amproc m ON m.oid = d.objid
         WHERE d.classid = 'pg_amproc'::regclass AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = o.oid))
        AS definition
FROM pg_opclass o
    JOIN pg_namespace n ON n.oid = o.opcnamespace
    JOIN pg_am a ON a.oid = o.opcmethod
    JOIN pg_opfamily f ON f.oid = o.opcfamily
    JOIN pg_namespace fn ON fn.oid = f.opfnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
