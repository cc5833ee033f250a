CREATE TABLE t (a int);
ALTER TABLE t OWNER TO cabinet_owner;
