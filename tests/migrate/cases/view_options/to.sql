CREATE TABLE t (a int, b text);
CREATE VIEW v WITH (security_barrier = true, security_invoker = true) AS SELECT a FROM t WITH LOCAL CHECK OPTION;
