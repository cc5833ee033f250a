CREATE TABLE t (id integer PRIMARY KEY, a text, b integer);
INSERT INTO t VALUES (1, 'x', 10), (2, 'y', 20), (3, NULL, NULL);
ALTER TABLE t ADD COLUMN "select" int, ADD COLUMN "x.y" text, ADD COLUMN "Ünï" int, ADD CONSTRAINT "a; DROP" CHECK ("select" > 0);
CREATE INDEX "i""q" ON t ("x.y");
