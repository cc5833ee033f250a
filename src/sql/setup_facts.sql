-- $1 name of the database, $2 of the owner's role, $3 of the service's: what the server has of them.
SELECT current_user AS me,
       r.rolsuper AS is_super, r.rolsuper OR r.rolcreaterole AS can_roles, r.rolsuper OR r.rolcreatedb AS can_databases,
       o.oid IS NOT NULL AS has_owner, coalesce(o.rolsuper OR o.rolreplication OR o.rolbypassrls, false) AS owner_high,
       a.oid IS NOT NULL AS has_app,
       coalesce(a.rolsuper OR a.rolcreaterole OR a.rolcreatedb OR a.rolreplication OR a.rolbypassrls, false) AS app_high,
       a.oid IS NOT NULL AND o.oid IS NOT NULL AND pg_catalog.pg_has_role(a.oid, o.oid, 'MEMBER') AS app_owns,
       d.oid IS NOT NULL AS has_database, pg_catalog.pg_get_userbyid(d.datdba) AS database_owner,
       pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
       EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) AS x
                WHERE d.oid IS NOT NULL AND x.grantee = 0) AS open_to_all,
       d.oid IS NOT NULL AND a.oid IS NOT NULL AND
       EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) AS x
                WHERE x.grantee = a.oid AND x.privilege_type = 'CONNECT') AS app_connects,
       EXISTS (SELECT FROM pg_catalog.pg_available_extensions AS e WHERE e.name = 'pg_trgm') AS has_trgm
  FROM pg_catalog.pg_roles AS r
  LEFT JOIN pg_catalog.pg_roles AS o ON o.rolname = $2::name
  LEFT JOIN pg_catalog.pg_roles AS a ON a.rolname = $3::name
  LEFT JOIN pg_catalog.pg_database AS d ON d.datname = $1::name
 WHERE r.rolname = current_user
