CREATE TABLE parts (id int, name text);
CREATE VIEW live AS SELECT id, name COLLATE "C" AS "the name" FROM parts;
CREATE FUNCTION live_ones(int) RETURNS SETOF live LANGUAGE sql STABLE AS 'SELECT * FROM live WHERE id = $1';
CREATE OR REPLACE VIEW live AS SELECT id, name COLLATE "C" AS "the name" FROM parts WHERE NOT EXISTS (SELECT FROM live_ones(0));
CREATE VIEW over_live AS SELECT * FROM live;
COMMENT ON VIEW live IS 'reads its own rows';
