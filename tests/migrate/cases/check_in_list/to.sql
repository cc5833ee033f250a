CREATE TABLE t (s varchar(9) CHECK (s IN ('a', 'b', 'c')), c char(1) CHECK (c NOT IN ('x', 'y')));
CREATE VIEW v AS SELECT * FROM t WHERE s IN ('a', 'b') AND c IS NOT NULL;
CREATE INDEX ON t (c) WHERE s IN ('p', 'q');
