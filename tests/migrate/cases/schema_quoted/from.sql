CREATE SCHEMA "My App";
CREATE TABLE "My App"."T x" ("Id" integer, "a""b" text);
