CREATE TABLE base (id bigint, a text CHECK (a <> ''), n int);
CREATE TABLE kid (b int) INHERITS (base);
CREATE VIEW v AS SELECT id, a FROM kid;
