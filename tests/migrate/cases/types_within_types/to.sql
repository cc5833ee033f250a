CREATE DOMAIN grams AS bigint CHECK (value >= 0);
CREATE TYPE size AS ENUM ('small', 'big');
CREATE TYPE thing AS (weight grams, size size);
CREATE TYPE pack AS (inside thing, others thing[]);
CREATE TABLE cupboard (id int, best pack, rest pack[], plain grams[]);
CREATE VIEW inside AS SELECT (best).inside FROM cupboard;
