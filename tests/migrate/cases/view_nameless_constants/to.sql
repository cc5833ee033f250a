CREATE TABLE t (a text, b varchar(10), n numeric(4,1));
CREATE VIEW v AS SELECT a, b, n, 'left' AS side FROM t UNION ALL SELECT 'x', 'it''s', 3, E'a\\b' UNION ALL SELECT NULL, 'y', NULL, 'right';
CREATE VIEW w AS SELECT 'one', 2 AS two, (SELECT 'three') AS three, ARRAY['a']::text[] AS four;
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a, 'x'::text AS b UNION SELECT 2, 'z';
