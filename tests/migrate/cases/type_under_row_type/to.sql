CREATE TABLE base (id bigint, note varchar(20));
CREATE TABLE holder (id int PRIMARY KEY, one base, many base[], CONSTRAINT one_named CHECK ((one).note <> ''));
CREATE VIEW held AS SELECT id, (one).id AS of FROM holder;
INSERT INTO base VALUES (1, 'a');
INSERT INTO holder VALUES (1, ROW(1, 'a,b'), ARRAY[ROW(2, NULL)::base]);
