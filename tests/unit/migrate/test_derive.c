/*
 * What follows from annotations, as text.
 */
#include <criterion/criterion.h>
#include <migrate/derive.h>
#include <stdio.h>
#include <string.h>

static char *derive(void *ctx, const struct cab_table *table) {
    struct cab_ddl list;
    struct cab_buf all;
    cab_ddl_init(&list, ctx);
    cab_derive_table(&list, table);
    cab_buf_init(&all, ctx, 1024);
    for (int i = 0; i < list.n; i++)
        cab_buf_addf(&all, "%s;\n", list.items[i]);
    return all.data;
}

static struct cab_column column(const char *name, enum cab_kind kind, const char *type) {
    return (struct cab_column){.name = name, .type = type, .base_type = type, .kind = kind};
}

Test(derive, grants_follow_exposure) {
    static const struct { bool exposed, readonly, view; const char *grant; } rows[] = {
        {true, false, false, "GRANT SELECT, INSERT, UPDATE, DELETE ON public.t TO cabinet_app;\n"},
        {true, true, false, "GRANT SELECT ON public.t TO cabinet_app;\n"},
        {true, false, true, "GRANT SELECT ON public.t TO cabinet_app;\n"},
        {false, false, false, ""},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        void *ctx = cab_mem_alloc(NULL, 1);
        struct cab_table t = {.schema = "public", .name = "t", .is_exposed = rows[i].exposed,
                              .is_readonly = rows[i].readonly, .is_view = rows[i].view};
        cr_expect_str_eq(derive(ctx, &t), rows[i].grant);
        cab_mem_free(ctx);
    }
}

Test(derive, hidden_values_stay_hidden) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_column c[] = {column("id", CAB_KIND_INT8, "bigint"), column("secret", CAB_KIND_TEXT, "text")};
    c[1].is_hidden = true;
    struct cab_table t = {.schema = "public", .name = "t", .columns = c, .n_columns = 2, .key = &c[0],
                          .is_audited = true};
    const char *text = derive(ctx, &t);
    cr_expect_not_null(strstr(text, "jsonb_build_object('secret', '***')"));
    cr_expect_not_null(strstr(text, "IF OLD.secret IS DISTINCT FROM NEW.secret THEN"));
    cr_expect_null(strstr(text, "'secret', NEW.secret"));
    cr_expect_null(strstr(text, "'secret', OLD.secret"));
    cab_mem_free(ctx);
}

Test(derive, types_without_equality_compare_as_text) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_column c[] = {column("id", CAB_KIND_INT8, "bigint"), column("a", CAB_KIND_JSON, "json"),
                             column("b", CAB_KIND_JSON, "jsonb"), column("p", CAB_KIND_OTHER, "point")};
    struct cab_table t = {.schema = "public", .name = "t", .columns = c, .n_columns = 4, .key = &c[0],
                          .is_audited = true};
    const char *text = derive(ctx, &t);
    cr_expect_not_null(strstr(text, "OLD.a::text IS DISTINCT FROM NEW.a::text"));
    cr_expect_not_null(strstr(text, "OLD.b IS DISTINCT FROM NEW.b"));
    cr_expect_not_null(strstr(text, "OLD.p::text IS DISTINCT FROM NEW.p::text"));
    cab_mem_free(ctx);
}

Test(derive, rows_are_named_by_what_names_them) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_column c[] = {column("a", CAB_KIND_INT4, "integer"), column("then", CAB_KIND_TEXT, "text")};
    const struct cab_column *both[] = {&c[0], &c[1]};
    struct cab_constraint primary = {.kind = CAB_CONSTRAINT_PRIMARY, .columns = both, .n_columns = 2};
    struct cab_table t = {.schema = "public", .name = "t", .columns = c, .n_columns = 2, .is_audited = true};
    cr_expect_not_null(strstr(derive(ctx, &t), "VALUES (NULL, nullif("));
    cr_expect_not_null(strstr(derive(ctx, &t), "'row_delete',\n                't', NULL,"));
    t.constraints = &primary;
    t.n_constraints = 1;
    cr_expect_not_null(strstr(derive(ctx, &t), "'t', jsonb_build_array(OLD.a, OLD.\"then\")::text,"));
    t.key = t.owner = &c[0];
    cr_expect_not_null(strstr(derive(ctx, &t), "VALUES (OLD.a::bigint, nullif("));
    cr_expect_not_null(strstr(derive(ctx, &t), "'t', OLD.a::text,"));
    cab_mem_free(ctx);
}

Test(derive, odd_names_are_quoted) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_column c[] = {column("Key", CAB_KIND_INT8, "bigint"), column("o'c", CAB_KIND_TEXT, "text"),
                             column("then", CAB_KIND_TEXT, "text"), column("$audit$", CAB_KIND_TEXT, "text")};
    struct cab_table t = {.schema = "My app", .name = "t\"x", .columns = c, .n_columns = 4, .key = &c[0],
                          .is_audited = true};
    const char *text = derive(ctx, &t);
    cr_expect_not_null(strstr(text, "ON \"My app\".\"t\"\"x\""));
    cr_expect_not_null(strstr(text, ", NEW.\"Key\"::text,"));
    cr_expect_not_null(strstr(text, "'o''c', NEW.\"o'c\""));
    cr_expect_not_null(strstr(text, "IF OLD.\"then\" IS DISTINCT"));
    cr_expect_not_null(strstr(text, "AS $audit1$"));
    cr_expect_not_null(strstr(text, "'My app.t\"x'"));
    cab_mem_free(ctx);
}

Test(derive, names_of_audit_functions_fit_and_differ) {
    void *ctx = cab_mem_alloc(NULL, 1);
    char longest[80];
    memset(longest, 'x', 63);
    longest[63] = '\0';
    struct cab_table users = {.schema = "public", .name = "users"}, longer = {.schema = "public", .name = longest};
    struct cab_table ab = {.schema = "a", .name = "b"}, bb = {.schema = "b", .name = "b"};
    struct cab_table other = {.schema = "a", .name = "users"};
    cr_expect_str_eq(cab_derive_audit_name(ctx, &users), "audit_users");
    cr_expect_leq(strlen(cab_derive_audit_name(ctx, &longer)), 63);
    cr_expect_str_neq(cab_derive_audit_name(ctx, &ab), cab_derive_audit_name(ctx, &bb));
    cr_expect_str_neq(cab_derive_audit_name(ctx, &other), "audit_users");
    cab_mem_free(ctx);
}

Test(derive, what_is_recorded_and_counted_is_looked_at_once) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_column c[] = {column("id", CAB_KIND_INT8, "bigint"), column("kind", CAB_KIND_TEXT, "text"),
                             column("name", CAB_KIND_TEXT, "text"), column("row_version", CAB_KIND_INT8, "bigint")};
    const struct cab_column *counted[] = {&c[1]};
    struct cab_table t = {.schema = "public", .name = "t", .columns = c, .n_columns = 4, .key = &c[0],
                          .counted = counted, .n_counted = 1, .row_version = &c[3], .is_audited = true,
                          .is_moved_late = true};
    const char *text = derive(ctx, &t);
    cr_expect_not_null(strstr(text, "EXECUTE FUNCTION cabinet.changes_t()"));
    cr_expect_not_null(strstr(text, "'kind', NEW.kind, 'row_version', NEW.row_version);\n"
                                    "            is_moved := true;"));
    cr_expect_not_null(strstr(text, "'name', NEW.name, 'row_version', NEW.row_version);\n        END IF;"));
    cr_expect_not_null(strstr(text, "IF is_moved THEN\n            INSERT INTO cabinet.\"delta_t\""));
    cr_expect_null(strstr(text, "count_update"));

    counted[0] = &c[3]; /* the trail does not look at the version by itself */
    text = derive(ctx, &t);
    cr_expect_not_null(strstr(text, "EXECUTE FUNCTION cabinet.audit_t()"));
    cr_expect_not_null(strstr(text, "CREATE TRIGGER count_update"));
    counted[0] = &c[1];
    t.is_audited = false;
    text = derive(ctx, &t);
    cr_expect_not_null(strstr(text, "CREATE TRIGGER count_update"));
    cr_expect_null(strstr(text, "is_moved"));
    cab_mem_free(ctx);
}

Test(derive, updates_are_recorded_before_they_are_done_where_nothing_changes_them_after) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_column c[] = {column("id", CAB_KIND_INT8, "bigint"), column("name", CAB_KIND_TEXT, "text"),
                             column("row_version", CAB_KIND_INT8, "bigint")};
    const struct cab_column *counted[] = {&c[1]};
    struct cab_table t = {.schema = "public", .name = "t", .columns = c, .n_columns = 3, .key = &c[0],
                          .counted = counted, .n_counted = 1, .row_version = &c[2], .is_audited = true};
    const char *text = derive(ctx, &t);
    cr_expect_not_null(strstr(text, "CREATE TRIGGER audit AFTER INSERT OR DELETE ON public.t\n"
                                    "    FOR EACH ROW EXECUTE FUNCTION cabinet.audit_t()"));
    cr_expect_not_null(strstr(text, "CREATE TRIGGER zz_audit BEFORE UPDATE ON public.t\n"
                                    "    FOR EACH ROW EXECUTE FUNCTION cabinet.update_t()"));
    cr_expect_not_null(strstr(text, "NEW.row_version := OLD.row_version + 1;\n        IF OLD.id IS DISTINCT"));
    cr_expect_not_null(strstr(text, "'name', NEW.name, 'row_version', NEW.row_version);\n"
                                    "            is_moved := true;"));
    cr_expect_not_null(strstr(text, "IF is_moved THEN\n            INSERT INTO cabinet.\"delta_t\""));
    cr_expect_null(strstr(text, "raise_version"));
    cr_expect_null(strstr(text, "count_update"));
    cr_expect_str_eq(cab_derive_update_name(ctx, &t), "update_t");

    for (int i = 0; i < 3; i++) {
        t.is_moved_late = i == 0;
        c[1].is_generated = i == 1;
        t.row_version = i == 2 ? NULL : &c[2];
        text = derive(ctx, &t);
        cr_expect_not_null(strstr(text, "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON public.t\n"
                                        "    FOR EACH ROW EXECUTE FUNCTION cabinet.changes_t()"));
        cr_expect_null(strstr(text, "zz_audit"));
        cr_expect_eq(strstr(text, "CREATE TRIGGER row_version") != NULL, t.row_version != NULL);
        cr_expect_null(cab_derive_update_name(ctx, &t));
    }
    cab_mem_free(ctx);
}

Test(derive, wide_tables_stay_within_the_limit_of_arguments) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_column *c = cab_new_array(ctx, struct cab_column, 100);
    for (int i = 0; i < 100; i++)
        c[i] = column(cab_printf(ctx, "c%d", i), CAB_KIND_TEXT, "text");
    struct cab_table t = {.schema = "public", .name = "wide", .columns = c, .n_columns = 100, .is_audited = true};
    const char *text = derive(ctx, &t);
    cr_expect_not_null(strstr(text, "|| jsonb_build_object(\n                    'c40', NEW.c40"));
    cr_expect_not_null(strstr(text, "|| jsonb_build_object(\n                    'c80', NEW.c80"));
    cab_mem_free(ctx);
}
