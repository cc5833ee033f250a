CREATE TABLE p (id int, d date NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (d);
CREATE TABLE p1 (id int, d date NOT NULL, PRIMARY KEY (id, d));
