CREATE TABLE base (id int);
CREATE TABLE kid (id int, b int) INHERITS (base);
