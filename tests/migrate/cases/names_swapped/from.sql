CREATE TABLE a (x int);
CREATE INDEX i1 ON a (x);
CREATE TABLE b (y text);
CREATE INDEX i2 ON b (y);
