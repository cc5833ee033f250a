-- The built-in privileges of each kind of object: r relation, s sequence, f function, T type, n schema, F, S foreign.
SELECT k AS kind, string_agg(g.line, E'\n' ORDER BY g.line COLLATE "C") AS acl
FROM unnest('{r,s,f,T,n,F,S}'::"char"[]) k
    CROSS JOIN LATERAL (SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE '@owner' END || ' '
        || string_agg(a.privilege_type, ',' ORDER BY a.privilege_type COLLATE "C") AS line
        FROM aclexplode(acldefault(k, 10)) a GROUP BY a.grantee) g
GROUP BY k
