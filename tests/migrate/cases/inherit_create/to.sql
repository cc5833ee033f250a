CREATE TABLE base (id int, a text CHECK (a <> ''));
CREATE TABLE kid (b int) INHERITS (base);
CREATE TABLE grandkid (c int) INHERITS (kid);
