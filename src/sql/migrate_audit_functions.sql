-- Bodies of the audit and count functions there are.
SELECT p.proname AS name, p.prosrc AS body
  FROM pg_proc AS p
 WHERE p.pronamespace = to_regnamespace('cabinet')
   AND (p.proname LIKE 'audit\_%' OR p.proname LIKE 'changes\_%' OR p.proname LIKE 'count\_%'
        OR p.proname LIKE 'update\_%')
   AND p.prorettype = 'trigger'::regtype
