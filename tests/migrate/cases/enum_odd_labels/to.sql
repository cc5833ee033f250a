CREATE TYPE "E x" AS ENUM ('it''s', 'back\slash', 'a,b', '');
