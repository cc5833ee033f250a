-- Connections the server leaves to ordinary roles, and the limit of our own role (-1: none).
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS usable,
       r.rolconnlimit AS role_limit
  FROM pg_catalog.pg_roles r
 WHERE r.rolname = current_user
