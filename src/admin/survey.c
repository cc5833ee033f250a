/*
 * What one snapshot of a database holds, in lines that can be compared with those of its copy.
 */
#include <inttypes.h>
#include <string.h>

#include "admin/backup.h"
#include "migrate/diff/diff.h"
#include "statements.h"

int admin_owner_url(struct admin *admin, const char **url_out, struct cab_err *err) {
    *url_out = admin->conf->database_owner_url != NULL ? admin->conf->database_owner_url : admin->conf->database_url;
    if (*url_out == NULL)
        return cab_fail(err, CAB_PROBLEM_INVALID,
                        "DATABASE_OWNER_URL is not set; cabinet-admin setup-database sets it.");
    return 0;
}

int admin_open_owner(struct admin *admin, const char *url, struct cab_db **db_out, struct cab_err *err) {
    struct cab_db_options options = { .url = url, .application_name = "cabinet-admin", .prepared = true,
                                      .connect_timeout_s = (int)admin->conf->db_connect_timeout };
    return cab_db_open(admin->mem, &options, db_out, err);
}

static void add(struct survey *survey, const char *line) {
    survey->lines[survey->n++] = line;
}

static int survey_schema(struct admin *admin, const char *url, struct survey *survey, struct cab_err *err) {
    struct cab_facts *facts;
    struct cab_db *db;
    char hash[65];

    if (admin_open_owner(admin, url, &db, err) != 0)
        return -1;
    int rc = cab_facts_load(admin->mem, db, &facts, err);
    cab_db_close(&db);
    if (rc != 0)
        return -1;
    cab_facts_hash(facts, hash);
    cab_mem_free(facts);
    add(survey, cab_printf(admin->mem, "schema %s", hash));
    return 0;
}

static int survey_audit(struct admin *admin, struct cab_db *db, struct survey *survey, struct cab_err *err) {
    struct cab_result *r;
    if (cab_db_query(db, admin->mem, CAB_SHAPE_ONE, cab_sql_text_survey_audit, 0, NULL, &r, err) != 0)
        return -1;
    if (!cab_result_bool(r, 0, 3))
        return cab_fail(err, CAB_PROBLEM_INVALID, "The next entry of the audit trail would not follow the last one.");
    add(survey, cab_printf(admin->mem, "audit %s %s %s", cab_result_value(r, 0, 0), cab_result_value(r, 0, 1),
                           cab_result_value(r, 0, 2)));
    return 0;
}

/* t.* inside ROW names the row even where the table has a column t. */
static int survey_table(struct admin *admin, struct cab_db *db, const char *table, struct survey *survey,
                        struct cab_err *err) {
    struct cab_result *r;
    const char *sql = cab_printf(admin->mem,
                                 "SELECT count(*), coalesce(sum(hashtextextended(ROW(t.*)::text, 0)::numeric), 0) "
                                 "FROM ONLY %s AS t", table);
    if (cab_db_query(db, admin->mem, CAB_SHAPE_ONE, sql, 0, NULL, &r, err) != 0)
        return -1;
    survey->rows += cab_result_int64(r, 0, 0);
    survey->tables++;
    add(survey, cab_printf(admin->mem, "table %s %s %s", table, cab_result_value(r, 0, 0), cab_result_value(r, 0, 1)));
    return 0;
}

int admin_survey(struct admin *admin, struct cab_db *db, const char *url, struct survey *survey_out,
                 struct cab_err *err) {
    struct cab_result *tables;
    bool has_audit = false;

    if (cab_db_query(db, admin->mem, CAB_SHAPE_ANY, cab_sql_text_survey_tables, 0, NULL, &tables, err) != 0)
        return -1;
    int n = cab_result_rows(tables);
    *survey_out = (struct survey){ .lines = cab_new_array(admin->mem, const char *, (size_t)n + 2) };
    if (survey_schema(admin, url, survey_out, err) != 0)
        return -1;
    for (int i = 0; i < n; i++)
        has_audit = has_audit || strncmp(cab_result_value(tables, i, 0), "cabinet.audit_logs", 18) == 0;
    if (has_audit && survey_audit(admin, db, survey_out, err) != 0)
        return -1;
    for (int i = 0; i < n; i++)
        if (survey_table(admin, db, cab_result_value(tables, i, 0), survey_out, err) != 0)
            return -1;
    return 0;
}
