CREATE TABLE base (id int, a text CHECK (a <> ''));
CREATE TABLE kid (b int) INHERITS (base);
INSERT INTO kid VALUES (1, 'q', 2);
CREATE VIEW v AS SELECT id, a FROM kid;
