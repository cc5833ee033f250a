-- Whether the role connected as is the one that made schema cabinet.
SELECT coalesce((SELECT pg_get_userbyid(n.nspowner) = current_user FROM pg_namespace AS n WHERE n.nspname = 'cabinet'),
                true) AS is_owner
