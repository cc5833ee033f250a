CREATE TABLE b (x int);
CREATE INDEX i1 ON b (x);
CREATE TABLE a (y text);
CREATE INDEX i2 ON a (y);
