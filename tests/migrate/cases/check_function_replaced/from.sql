CREATE FUNCTION ok(x integer) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$SELECT x > 0$$;
CREATE TABLE t (a int CHECK (ok(a)), b boolean DEFAULT ok(1));
CREATE VIEW v AS SELECT ok(a) AS ok FROM t;
