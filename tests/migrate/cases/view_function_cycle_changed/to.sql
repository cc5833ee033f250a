CREATE TABLE parts (id bigint, name text);
CREATE VIEW live AS SELECT id, name FROM parts;
CREATE FUNCTION live_ones(int) RETURNS SETOF live LANGUAGE sql STABLE AS 'SELECT * FROM live WHERE id = $1';
CREATE OR REPLACE VIEW live AS SELECT id, name FROM parts WHERE NOT EXISTS (SELECT FROM live_ones(0));
