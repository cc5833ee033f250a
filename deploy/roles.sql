-- The two roles of Cabinet, where they are not there yet; run as a superuser of the server: psql -f roles.sql
--   cabinet_owner  owns the schema and makes scratch databases for migrations; never used by the service
--   cabinet_app    the service; what it may do is granted table by table in the migrations
-- Passwords are for whoever installs it: ALTER ROLE cabinet_app PASSWORD '…';
SELECT 'CREATE ROLE cabinet_owner LOGIN CREATEDB'
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'cabinet_owner') \gexec
SELECT 'CREATE ROLE cabinet_app LOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'cabinet_app') \gexec
ALTER ROLE cabinet_owner CREATEDB;
