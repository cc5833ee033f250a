CREATE TABLE base (id int);
CREATE TABLE kid (b int) INHERITS (base);
