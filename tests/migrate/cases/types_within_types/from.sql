CREATE DOMAIN grams AS int;
CREATE TYPE size AS ENUM ('small', 'big', 'huge');
CREATE TYPE thing AS (weight grams, size size);
CREATE TYPE pack AS (inside thing, others thing[]);
CREATE TABLE cupboard (id int, best pack, rest pack[], plain grams[]);
CREATE VIEW inside AS SELECT (best).inside FROM cupboard;
INSERT INTO cupboard VALUES (1, ROW(ROW(5, 'big'), '{}'), '{}', '{7}');
