/*
 * The catalog of the tests.
 */
#include "tables.h"

#define COLUMN(n, t, k) .name = n, .type = t, .base_type = t, .kind = CAB_KIND_##k

static struct cab_column users_columns[] = {
    { COLUMN("id", "bigint", INT8), .not_null = true, .is_identity = true, .is_system = true },
    { COLUMN("email", "text", TEXT), .not_null = true, .is_private = true, .is_search = true },
    { COLUMN("username", "text", TEXT), .not_null = true, .is_public = true, .is_search = true },
    { COLUMN("is_verified", "boolean", BOOL), .not_null = true, .has_default = true, .is_readonly = true },
    { COLUMN("oauth_provider", "text", TEXT), .is_readonly = true },
    { COLUMN("date_created", "timestamp with time zone", TIMESTAMPTZ), .not_null = true, .has_default = true,
      .is_system = true, .is_public = true },
    { COLUMN("row_version", "bigint", INT8), .not_null = true, .has_default = true, .is_system = true },
    { COLUMN("deleted_at", "timestamp with time zone", TIMESTAMPTZ), .is_system = true },
    { COLUMN("secret", "text", TEXT), .is_hidden = true },
};

static struct cab_column notes_columns[] = {
    { COLUMN("id", "bigint", INT8), .not_null = true, .is_identity = true, .is_system = true },
    { COLUMN("owner_id", "bigint", INT8), .not_null = true, .is_system = true },
    { COLUMN("title", "character varying(20)", TEXT), .max_length = 20, .not_null = true, .is_search = true },
    { COLUMN("a__b", "integer", INT4) },
    { COLUMN("a", "integer", INT4) },
    { COLUMN("body", "text", TEXT) },
    { COLUMN("rank", "smallint", INT2) },
    { COLUMN("color", "color", ENUM), .labels = (const char *const[]){ "red", "green", NULL } },
    { COLUMN("date_created", "timestamp with time zone", TIMESTAMPTZ), .not_null = true, .has_default = true,
      .is_system = true },
    { COLUMN("code", "text", TEXT), .is_writeonce = true },
    { COLUMN("row_version", "bigint", INT8), .not_null = true, .has_default = true, .is_system = true },
    { COLUMN("deleted_at", "timestamp with time zone", TIMESTAMPTZ), .is_system = true },
};

static struct cab_column kinds_columns[] = {
    { COLUMN("id", "uuid", UUID), .not_null = true, .has_default = true },
    { COLUMN("n", "numeric(5,2)", NUMERIC), .numeric_precision = 5, .numeric_scale = 2, .not_null = true,
      .has_default = true },
    { COLUMN("big", "numeric", NUMERIC) },
    { COLUMN("flag", "boolean", BOOL) },
    { COLUMN("real", "real", FLOAT) },
    { COLUMN("day", "date", DATE) },
    { COLUMN("clock", "time without time zone", TIME) },
    { COLUMN("local", "timestamp without time zone", TIMESTAMP) },
    { COLUMN("span", "interval", INTERVAL) },
    { COLUMN("doc", "jsonb", JSON) },
    { COLUMN("plain", "json", JSON) },
    { COLUMN("bytes", "bytea", BYTEA) },
    { COLUMN("tags", "text[]", ARRAY), .element_type = "text" },
    { COLUMN("numbers", "integer[]", ARRAY), .element_type = "integer" },
    { COLUMN("during", "int4range", RANGE) },
    { COLUMN("address", "inet", INET) },
    { COLUMN("pair", "pair", COMPOSITE) },
    { COLUMN("place", "point", OTHER) },
    { COLUMN("fixed", "character(3)", TEXT), .max_length = 3 },
};

static struct cab_table tables[] = {
    { .oid = 3, .schema = "public", .name = "kinds", .columns = kinds_columns, .n_columns = CAB_LENGTH(kinds_columns),
      .key = &kinds_columns[0], .order = &kinds_columns[1], .order_descending = true, .is_exposed = true },
    { .oid = 2, .schema = "public", .name = "notes", .columns = notes_columns, .n_columns = CAB_LENGTH(notes_columns),
      .key = &notes_columns[0], .owner = &notes_columns[1], .row_version = &notes_columns[10],
      .deleted_at = &notes_columns[11], .is_exposed = true, .is_soft_delete = true },
    { .oid = 1, .schema = "public", .name = "users", .columns = users_columns, .n_columns = CAB_LENGTH(users_columns),
      .key = &users_columns[0], .owner = &users_columns[0], .row_version = &users_columns[6],
      .deleted_at = &users_columns[7], .is_exposed = true, .is_soft_delete = true },
};

static const struct cab_catalog catalog = { .generation = 1, .tables = tables, .n_tables = CAB_LENGTH(tables) };

const struct cab_catalog *fixture_catalog(void) {
    for (size_t i = 0; i < CAB_LENGTH(tables); i++)
        for (int j = 0; j < tables[i].n_columns; j++)
            tables[i].columns[j].attnum = j + 1;
    return &catalog;
}
