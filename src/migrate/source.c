/*
 * Catalogs from scratch databases and connections, and the command diff.
 */
#include "source.h"
#include "careful.h"
#include "interrupt.h"
#include "models.h"
#include "run.h"
#include "veto.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define OLDEST_SERVER 140000

bool cab_source_is_url(const char *source) {
    return strstr(source, "://") != NULL || strchr(source, '=') != NULL;
}

const char *cab_source_server(const struct cab_call *call, const char *fallback) {
    if (call->conf->cabinet_scratch_url != NULL && call->options->database == NULL)
        return call->conf->cabinet_scratch_url;
    return call->url != NULL ? call->url : fallback;
}

static int make(struct cab_call *call, const char *server, struct cab_scratch **scratch_out, struct cab_err *err) {
    if (server == NULL)
        return cab_veto(err, "No server for scratch databases is named. Give --database=URL, or set DATABASE_OWNER_URL "
                             "or CABINET_SCRATCH_URL.");
    if (cab_scratch_make(call->ctx, server, scratch_out, err) != 0)
        return -1;
    int version = cab_db_server_version(cab_scratch_db(*scratch_out));
    if (version < OLDEST_SERVER)
        return cab_veto(err, "The server is PostgreSQL %d; 14 or later is needed.", version / 10000);
    return 0;
}

int cab_source_revisions(struct cab_call *call, const char *server, const bool *chosen,
                         struct cab_scratch **scratch_out, struct cab_err *err) {
    struct cab_graph some;
    if (cab_call_graph(call, err) != 0 || make(call, server, scratch_out, err) != 0)
        return -1;
    some = *call->graph;
    if (chosen != NULL) {
        some.revisions = cab_new_array(call->ctx, struct cab_revision *, (size_t)some.n + 1);
        some.n = 0;
        for (int i = 0; i < call->graph->n; i++) {
            if (chosen[i])
                some.revisions[some.n++] = call->graph->revisions[i];
        }
    }
    return cab_run_replay(call->ctx, cab_scratch_db(*scratch_out), &some, err);
}

int cab_source_models(struct cab_call *call, const char *server, const char *folders, struct cab_scratch **scratch_out,
                      struct cab_err *err) {
    if (make(call, server, scratch_out, err) != 0)
        return -1;
    /* the runner makes the schema where nobody else does */
    if (cab_models_load(call->ctx, cab_scratch_db(*scratch_out), folders, err) == 0)
        return cab_db_exec(cab_scratch_db(*scratch_out), "CREATE SCHEMA IF NOT EXISTS cabinet", err);
    /* the files are wrong, not the server */
    if (!cab_interrupted() && cab_db_connected(cab_scratch_db(*scratch_out))) {
        err->problem = CAB_PROBLEM_INVALID;
        err->sqlstate[0] = '\0';
    }
    return -1;
}

static bool is_folder(const char *source) {
    struct stat st;
    return strchr(source, ':') != NULL || (stat(source, &st) == 0 && S_ISDIR(st.st_mode));
}

int cab_source_load(struct cab_call *call, const char *source, const char *fallback, struct cab_facts **facts_out,
                    struct cab_err *err) {
    const char *server = cab_source_server(call, fallback);
    struct cab_scratch *scratch = NULL;
    struct cab_db *db = NULL;
    int rc;
    if (cab_source_is_url(source)) {
        if (cab_call_open(call, source, &db, err) != 0)
            return -1;
        if (cab_db_server_version(db) < OLDEST_SERVER)
            return cab_veto(err, "The server is PostgreSQL %d; 14 or later is needed.",
                            cab_db_server_version(db) / 10000);
        rc = cab_facts_load(call->ctx, db, facts_out, err);
        cab_db_close(&db);
        return rc;
    }
    if (strcmp(source, "migrations") == 0)
        rc = cab_source_revisions(call, server, NULL, &scratch, err);
    else if (is_folder(source))
        rc = cab_source_models(call, server, source, &scratch, err);
    else
        return cab_veto(err, "%.200s is no source. Name a connection URL, a folder of models, or the word migrations.",
                        source);
    if (rc == 0)
        rc = cab_facts_load(call->ctx, cab_scratch_db(scratch), facts_out, err);
    if (scratch != NULL)
        cab_scratch_drop(&scratch);
    return rc;
}

static const char *op_word(enum cab_difference_op op) {
    return op == CAB_DIFFERENCE_ADD ? "add" : op == CAB_DIFFERENCE_DROP ? "drop" : "change";
}

void cab_differences_print(const struct cab_difference *differences, int n) {
    for (int i = 0; i < n; i++) {
        const struct cab_difference *d = &differences[i];
        printf("  %-6s %s %s%s%s%s\n", op_word(d->op), d->kind, d->object, d->attributes != NULL ? " (" : "",
               d->attributes != NULL ? d->attributes : "", d->attributes != NULL ? ")" : "");
    }
}

void cab_differences_json(struct cab_buf *json, const struct cab_difference *differences, int n) {
    for (int i = 0; i < n; i++) {
        const struct cab_difference *d = &differences[i];
        cab_buf_addf(json, "%s{\"op\":\"%s\",\"kind\":", i > 0 ? "," : "", op_word(d->op));
        cab_json_cstring(json, d->kind);
        cab_buf_adds(json, ",\"object\":");
        cab_json_cstring(json, d->object);
        cab_buf_adds(json, ",\"attributes\":");
        cab_json_cstring(json, d->attributes);
        cab_buf_addc(json, '}');
    }
}

static void print_json(struct cab_call *call, const struct cab_diff_plan *plan) {
    struct cab_buf json;
    cab_buf_init(&json, call->ctx, 4096);
    cab_buf_adds(&json, "{\"differences\":[");
    cab_differences_json(&json, plan->differences, plan->n_differences);
    cab_buf_adds(&json, "],\"statements\":[");
    for (int i = 0; i < plan->n_steps; i++) {
        cab_buf_adds(&json, i > 0 ? "," : "");
        cab_json_cstring(&json, plan->steps[i].text);
    }
    cab_buf_adds(&json, "],\"hazards\":[");
    for (int i = 0; i < plan->n_hazards; i++) {
        cab_buf_addf(&json, "%s{\"class\":\"%s\",\"object\":", i > 0 ? "," : "",
                     cab_hazard_word(plan->hazards[i].hazard));
        cab_json_cstring(&json, plan->hazards[i].object);
        cab_buf_adds(&json, ",\"why\":");
        cab_json_cstring(&json, plan->hazards[i].why);
        cab_buf_addc(&json, '}');
    }
    cab_buf_adds(&json, "],\"notes\":[");
    for (int i = 0; i < plan->n_notes; i++) {
        cab_buf_adds(&json, i > 0 ? "," : "");
        cab_json_cstring(&json, plan->notes[i]);
    }
    printf("%s]}\n", json.data);
}

int cab_command_diff(struct cab_call *call, struct cab_err *err) {
    const char *from_name = call->options->from, *to_name = call->options->to;
    const struct cab_diff_options options = {.careful = call->options->careful};
    struct cab_diff_plan *plan;
    struct cab_facts *from, *to;
    struct cab_buf text;
    if (from_name == NULL || to_name == NULL) {
        fprintf(stderr, "cabinet-migrate: diff needs --from SOURCE and --to SOURCE.\n");
        return CAB_EXIT_USAGE;
    }
    const char *server = cab_source_is_url(from_name) ? from_name : cab_source_is_url(to_name) ? to_name : NULL;
    if (cab_source_load(call, from_name, server, &from, err) != 0 ||
        cab_source_load(call, to_name, server, &to, err) != 0 ||
        cab_diff_plan(call->ctx, from, to, &options, &plan, err) != 0)
        return -1;
    cab_buf_init(&text, call->ctx, 4096);
    if (call->options->json) {
        print_json(call, plan);
    } else if (options.careful && plan->n_steps > 0) {
        cab_careful_hazards(&text, plan, CAB_UPGRADE);
        cab_careful_write(&text, plan, CAB_UPGRADE);
        fputs(text.data, stdout);
    } else if (plan->n_steps > 0) {
        cab_diff_print(plan, &text);
        fputs(text.data, stdout);
    }
    for (int i = 0; i < plan->n_notes && plan->n_steps == 0 && !call->options->json; i++)
        fprintf(stderr, "cabinet-migrate: %s\n", plan->notes[i]);
    if (fflush(stdout) != 0)
        return cab_veto(err, "Standard output cannot be written.");
    return CAB_EXIT_OK;
}
