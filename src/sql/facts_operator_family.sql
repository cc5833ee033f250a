-- Operator families with the operators and functions that no class of theirs owns.
SELECT 'pg_opfamily'::regclass::oid AS class, f.oid AS object, 0 AS sub,
    format('%I.%I USING %I', n.nspname, f.opfname, a.amname) AS ident,
    quote_ident(pg_get_userbyid(f.opfowner)) AS owner,
    concat_ws(', ',
        (SELECT string_agg(format('OPERATOR %s %I.%s (%s, %s)%s', m.amopstrategy, pn.nspname, p.oprname,
                format_type(m.amoplefttype, NULL), format_type(m.amoprighttype, NULL),
                CASE WHEN m.amoppurpose = 'o' THEN ' FOR ORDER BY ' || (SELECT format('%I.%I', sn.nspname, s.opfname)
                    FROM pg_opfamily s JOIN pg_namespace sn ON sn.oid = s.opfnamespace WHERE s.oid = m.amopsortfamily)
                ELSE '' END), ', ' ORDER BY m.amopstrategy, m.amoplefttype::regtype::text, m.amoprighttype::regtype::text)
         FROM pg_depend d JOIN pg_amop m ON m.oid = d.objid JOIN pg_operator p ON p.oid = m.amopopr
             JOIN pg_namespace pn ON pn.oid = p.oprnamespace
         WHERE d.classid = 'pg_amop'::regclass AND d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = f.oid),
        (SELECT string_agg(format('FUNCTION %s (%s, %s) %s', m.amprocnum, format_type(m.amproclefttype, NULL),
                format_type(m.amprocrighttype, NULL), m.amproc::regprocedure), ', '
                ORDER BY m.amprocnum, m.amproclefttype::regtype::text, m.amprocrighttype::regtype::text)
         FROM pg_depend d JOIN pg_amproc m ON m.oid = d.objid
         WHERE d.classid = 'pg_amproc'::regclass AND d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = f.oid))
        AS members
FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am a ON a.oid = f.opfmethod
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
