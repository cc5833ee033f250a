/*
 * Who may do what: caller x table x column x operation.  All rights of the generic resources are decided here and
 * nowhere else; it knows no table by name and touches no database.
 */
#include <cabinet/auth.h>
#include <string.h>

enum cab_directory cab_directory(const struct cab_conf *conf) {
    if (conf->user_directory != NULL && strcmp(conf->user_directory, "off") == 0)
        return CAB_DIRECTORY_OFF;
    if (conf->user_directory != NULL && strcmp(conf->user_directory, "full") == 0)
        return CAB_DIRECTORY_FULL;
    return CAB_DIRECTORY_MINIMAL;
}

static bool is_admin(const struct cab_caller *caller) {
    return caller->is_signed_in && caller->is_admin;
}

/* Whether the rows are people: each row belongs to the person that its key names. */
static bool is_directory(const struct cab_table *table) {
    return table->owner != NULL && table->owner == table->key;
}

/* Whether callers see a part of rows that are not their own. */
static bool shows_others(const struct cab_caller *caller, const struct cab_table *table) {
    if (is_directory(table) && caller->directory == CAB_DIRECTORY_OFF)
        return false;
    for (int i = 0; i < table->n_columns; i++)
        if (table->columns[i].is_public)
            return true;
    return false;
}

static enum cab_rows rows_read(const struct cab_caller *caller, const struct cab_table *table) {
    if (is_admin(caller))
        return CAB_ROWS_ALL;
    if (table->is_admin)
        return CAB_ROWS_NONE;
    if (table->is_public_read)
        return CAB_ROWS_ALL;
    if (!caller->is_signed_in)
        return CAB_ROWS_NONE;
    if (table->owner == NULL || shows_others(caller, table))
        return CAB_ROWS_ALL;
    return CAB_ROWS_OWN;
}

static enum cab_rows rows_written(const struct cab_caller *caller, const struct cab_table *table) {
    if (!caller->is_signed_in || table->is_readonly || table->is_view)
        return CAB_ROWS_NONE;
    if (is_admin(caller))
        return CAB_ROWS_ALL;
    if (table->is_admin)
        return CAB_ROWS_NONE;
    return table->owner != NULL ? CAB_ROWS_OWN : CAB_ROWS_ALL;
}

enum cab_rows cab_policy_rows(const struct cab_caller *caller, const struct cab_table *table, enum cab_op op) {
    if (!table->is_exposed || !cab_scope_allows(caller, table, op))
        return CAB_ROWS_NONE;
    switch (op) {
    case CAB_OP_READ:
    case CAB_OP_LIST: return rows_read(caller, table);
    case CAB_OP_CREATE:
    case CAB_OP_UPDATE:
    case CAB_OP_DELETE: return rows_written(caller, table);
    case CAB_OP_RESTORE: return table->is_soft_delete ? rows_written(caller, table) : CAB_ROWS_NONE;
    case CAB_OP_PURGE: return is_admin(caller) ? rows_written(caller, table) : CAB_ROWS_NONE;
    case CAB_OP_TRASH: return is_admin(caller) && table->is_soft_delete ? CAB_ROWS_ALL : CAB_ROWS_NONE;
    case CAB_OP__MAX: break;
    }
    cab_bug("unknown operation", __FILE__, __LINE__);
}

/* What everybody may read of others' rows in a table that shows a part of them. */
static bool is_shown(const struct cab_caller *caller, const struct cab_table *table, const struct cab_column *column) {
    if (column == table->key || column->is_public)
        return true;
    return is_directory(table) && caller->directory == CAB_DIRECTORY_FULL && !column->is_private &&
           !column->is_readonly && !column->is_system;
}

enum cab_column_access cab_policy_read(const struct cab_caller *caller, const struct cab_table *table,
                                       const struct cab_column *column) {
    enum cab_rows rows = cab_policy_rows(caller, table, CAB_OP_READ);

    if (rows == CAB_ROWS_NONE || column->is_hidden)
        return CAB_COLUMN_NONE;
    if (is_admin(caller))
        return CAB_COLUMN_ALL;
    if (column->is_admin)
        return CAB_COLUMN_NONE;
    if (rows == CAB_ROWS_OWN)
        return CAB_COLUMN_ALL;
    if (column->is_private)
        return caller->is_signed_in && table->owner != NULL ? CAB_COLUMN_OWN : CAB_COLUMN_NONE;
    if (table->is_public_read || table->owner == NULL)
        return CAB_COLUMN_ALL;
    return is_shown(caller, table, column) ? CAB_COLUMN_ALL : CAB_COLUMN_OWN;
}

enum cab_column_access cab_policy_write(const struct cab_caller *caller, const struct cab_table *table,
                                        const struct cab_column *column, enum cab_op op) {
    CAB_BUG_ON(op != CAB_OP_CREATE && op != CAB_OP_UPDATE);
    if (cab_policy_rows(caller, table, op) == CAB_ROWS_NONE || column->is_hidden || column->is_system)
        return CAB_COLUMN_NONE;
    if (op == CAB_OP_UPDATE && (column->is_writeonce || column == table->key))
        return CAB_COLUMN_NONE;
    if (is_admin(caller))
        return CAB_COLUMN_ALL;
    if (column->is_admin || column->is_readonly)
        return CAB_COLUMN_NONE;
    if (column->is_private && table->owner == NULL)
        return CAB_COLUMN_NONE;
    return CAB_COLUMN_ALL; /* the rows written are all rows, or one's own */
}
