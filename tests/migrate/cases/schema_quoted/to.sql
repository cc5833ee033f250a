CREATE SCHEMA "My App";
CREATE TABLE "My App"."T x" ("Id" bigint, "a""b" varchar(5), "drop" int);
CREATE INDEX "I x" ON "My App"."T x" ("Id");
