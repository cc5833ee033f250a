CREATE FUNCTION half(int) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1::bigint / 2';
CREATE TABLE lot (id int, note text) PARTITION BY RANGE (half(id));
CREATE TABLE lot_1 PARTITION OF lot FOR VALUES FROM (0) TO (50);
CREATE INDEX lot_note ON lot (note);
CREATE TABLE sale (id int, part int DEFAULT half(6), CHECK (half(id) > 0));
INSERT INTO lot VALUES (4, 'four');
INSERT INTO sale VALUES (2);
