CREATE TABLE t (a int, b serial);
ALTER TABLE t OWNER TO cabinet_owner;
