CREATE SEQUENCE s2;
CREATE TABLE t (a bigint DEFAULT nextval('s2'));
