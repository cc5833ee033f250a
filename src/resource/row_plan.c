/*
 * Plans of rows.  Columns that the caller may not read are never selected, apart from the key, the owner and the
 * version that the code itself needs.
 */
#include "row_plan.h"

#include <string.h>

#include "expand.h"

static uint32_t hash(uint32_t h, const char *s) { /* FNV-1a, the NUL included */
    do
        h = (h ^ (unsigned char)*s) * 16777619u;
    while (*s++ != '\0');
    return h;
}

static bool is_wanted(const char *const *names, int n, const char *name) {
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return names == NULL;
}

int cab_row_plan_need(struct cab_row_plan *plan, const struct cab_column *column) {
    for (int i = 0; i < plan->n_columns; i++)
        if (plan->columns[i] == column)
            return i;
    plan->columns[plan->n_columns] = column;
    return plan->n_columns++;
}

static void add_field(struct cab_row_plan *plan, const char *name, const struct cab_column *column,
                      cab_value_writer *write, enum cab_column_access access) {
    struct cab_field *field = &plan->fields[plan->n_fields++];
    struct cab_buf prefix;
    cab_buf_init(&prefix, plan->mem, strlen(name) + 4);
    cab_json_cstring(&prefix, name);
    cab_buf_addc(&prefix, ':');
    field->name = name;
    field->prefix = prefix.data;
    field->prefix_len = prefix.len;
    field->write = write;
    field->at = cab_row_plan_need(plan, column);
    field->is_own = access == CAB_COLUMN_OWN;
    plan->choices = hash(hash(plan->choices, name), field->is_own ? "own" : "all");
}

static struct cab_row_plan *make(const void *ctx, const struct cab_view *view, bool as_strings,
                                 const char *const *names, int n) {
    const struct cab_table *table = view->table;
    struct cab_row_plan *plan = cab_new(ctx, struct cab_row_plan);

    plan->mem = plan;
    plan->view = view;
    plan->fields = cab_new_array(plan, struct cab_field, (size_t)table->n_columns + 1);
    plan->columns = cab_new_array(plan, const struct cab_column *, (size_t)table->n_columns);
    plan->choices = hash(2166136261u, as_strings ? "strings" : "numbers");
    for (int i = 0; i < table->n_columns; i++) {
        const struct cab_column *column = &table->columns[i];
        enum cab_column_access access = cab_view_column(view, column);
        if (access != CAB_COLUMN_NONE && is_wanted(names, n, column->name))
            add_field(plan, column->name, column, cab_value_writer_for(column, as_strings), access);
    }
    if (cab_view_is_deleted(view) != CAB_COLUMN_NONE && is_wanted(names, n, "is_deleted"))
        add_field(plan, "is_deleted", table->deleted_at, cab_write_is_set, cab_view_is_deleted(view));

    plan->key_at = cab_row_plan_need(plan, table->key);
    plan->owner_at = table->owner != NULL ? cab_row_plan_need(plan, table->owner) : -1;
    plan->version_at = table->row_version != NULL ? cab_row_plan_need(plan, table->row_version) : -1;
    return plan;
}

static void add_columns(const struct cab_row_plan *plan, int from, struct cab_sql *sql) {
    for (int i = from; i < plan->n_columns; i++) {
        const struct cab_column *column = plan->columns[i];
        bool as_json = column->kind == CAB_KIND_ARRAY || column->kind == CAB_KIND_COMPOSITE;
        if (i > 0)
            cab_sql_add(sql, ", ");
        if (as_json)
            cab_sql_add(sql, "to_jsonb(");
        cab_sql_add(sql, "t.");
        cab_sql_name(sql, column->name);
        if (as_json)
            cab_sql_add(sql, ")");
    }
}

/* All fields, as nearly every request asks for: worked out once for each kind of caller, with all that policy asks. */
static const struct cab_row_plan *whole(const struct cab_view *view, bool as_strings) {
    const struct cab_caller *caller = view->caller;
    int who = !caller->is_signed_in ? 0 : caller->is_admin ? 1 : 2 + (int)caller->directory;
    _Static_assert(2 * (2 + CAB_DIRECTORY_FULL) + 1 < CAB_KEPT, "a place for each kind of caller");
    void **place = &view->table->kept[2 * who + as_strings];
    if (*place == NULL) {
        struct cab_row_plan *plan = make(view->table->kept, view, as_strings, NULL, 0);
        struct cab_sql sql;
        cab_sql_init(&sql, plan);
        add_columns(plan, 0, &sql);
        plan->select = sql.text.data;
        plan->n_select = plan->n_columns;
        plan->view = NULL; /* a request's */
        *place = plan;
    }
    return *place;
}

struct cab_row_plan *cab_row_plan_make(const struct cab_call *call, const struct cab_view *view,
                                       const char *const *names, int n) {
    const char *numbers = call->request->accept == NULL
                        ? NULL : cab_accept_parameter(call->request, "application/json", "numbers");
    bool as_strings = numbers != NULL && strcmp(numbers, "string") == 0;
    if (names != NULL || view->table->kept == NULL || view->caller->scopes != NULL)
        return make(call->mem, view, as_strings, names, n);
    struct cab_row_plan *plan = cab_new(call->mem, struct cab_row_plan);
    *plan = *whole(view, as_strings);
    plan->mem = plan;
    plan->view = view;
    size_t size = (size_t)view->table->n_columns * sizeof *plan->columns; /* more may be needed */
    plan->columns = memcpy(cab_mem_alloc(plan, size), plan->columns, (size_t)plan->n_columns * sizeof *plan->columns);
    return plan;
}

void cab_row_plan_columns(const struct cab_row_plan *plan, struct cab_sql *sql) {
    if (plan->select != NULL)
        cab_buf_adds(&sql->text, plan->select); /* made by add_columns, of names and literals only */
    add_columns(plan, plan->n_select, sql);
}

bool cab_row_plan_is_own(const struct cab_row_plan *plan, const struct cab_result *result, int row) {
    const struct cab_caller *caller = plan->view->caller;
    if (!caller->is_signed_in || plan->owner_at < 0)
        return false;
    const char *owner = cab_result_value(result, row, plan->owner_at);
    return owner != NULL && strcmp(owner, caller->user_id_text) == 0;
}

void cab_row_plan_write(const struct cab_row_plan *plan, const struct cab_result *result, int row,
                        struct cab_buf *buf) {
    bool own = cab_row_plan_is_own(plan, result, row);
    char before = '{';
    for (int i = 0; i < plan->n_fields; i++) {
        const struct cab_field *field = &plan->fields[i];
        size_t n;
        if (field->is_own && !own)
            continue;
        cab_buf_addc(buf, before);
        before = ',';
        cab_buf_add(buf, field->prefix, field->prefix_len);
        const char *value = cab_result_text(result, row, field->at, &n);
        if (value != NULL)
            field->write(buf, value, n);
        else if (field->write == cab_write_is_set)
            cab_buf_add(buf, "false", 5);
        else
            cab_buf_add(buf, "null", 4);
    }
    cab_expand_write(plan, result, row, &before, buf);
    if (before == '{')
        cab_buf_addc(buf, before);
    cab_buf_addc(buf, '}');
}

char *cab_row_plan_tag(const struct cab_row_plan *plan, const char *version, bool own) {
    static const char digits[] = "0123456789abcdef";
    uint32_t choices = hash(plan->choices, own ? "own" : "other");
    struct cab_buf tag;
    cab_buf_init(&tag, plan->mem, 32);
    cab_buf_addc(&tag, '"');
    cab_buf_adds(&tag, version);
    cab_buf_addc(&tag, '.');
    for (int shift = 28; shift >= 0; shift -= 4)
        cab_buf_addc(&tag, digits[choices >> shift & 15]);
    cab_buf_addc(&tag, '"');
    return tag.data;
}

char *cab_row_plan_etag(const struct cab_row_plan *plan, const struct cab_result *result, int row) {
    if (plan->version_at < 0)
        return NULL;
    return cab_row_plan_tag(plan, cab_result_value(result, row, plan->version_at),
                            cab_row_plan_is_own(plan, result, row));
}
