CREATE FUNCTION first() RETURNS smallint LANGUAGE sql IMMUTABLE AS 'SELECT 1::smallint';
CREATE DOMAIN number AS int DEFAULT first() CHECK (value >= first());
CREATE TABLE t (n number);
