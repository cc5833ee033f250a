CREATE SEQUENCE s1;
CREATE TABLE t (a bigint DEFAULT nextval('s1'));
