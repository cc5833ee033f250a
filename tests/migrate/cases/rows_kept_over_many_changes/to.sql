CREATE TYPE e AS ENUM ('b', 'a', 'c');
CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a varchar(30) NOT NULL DEFAULT 'none', s e DEFAULT 'c' NOT NULL, w timestamptz, extra jsonb NOT NULL DEFAULT '{}');
CREATE INDEX ON t (s) WHERE s = 'c';
