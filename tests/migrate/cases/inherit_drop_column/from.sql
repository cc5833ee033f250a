CREATE TABLE base (id int, a text CHECK (a <> ''));
CREATE TABLE kid (b int) INHERITS (base);
CREATE VIEW v AS SELECT id, a FROM kid;
