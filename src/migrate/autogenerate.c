/*
 * revision --autogenerate: what leads from the revisions to the models and back, planned from two scratch databases,
 * proved on a third, then written.
 */
#include "careful.h"
#include "park.h"
#include "prove.h"
#include "rename.h"
#include "source.h"
#include "veto.h"
#include "write.h"

#include <cabinet/catalog.h>
#include <stdio.h>
#include <string.h>

struct maker {
    struct cab_call *call;
    struct cab_scratch *revisions, *models, *proof;
    struct cab_facts *before, *renamed, *after; /* revisions as they are, with renames, models */
    struct cab_renames renames;
    struct cab_diff_plan *up, *down; /* down: NULL where none was found */
    const char *line;
    const struct cab_revision **heads; int n_heads;
    const char *id;     /* of the revision to be written */
    const char *reason; /* why it is not proved, or NULL */
    struct cab_err *err;
};

static int load(struct maker *m, struct cab_scratch *scratch, struct cab_facts **facts) {
    return cab_facts_load(m->call->ctx, cab_scratch_db(scratch), facts, m->err);
}

static int build(struct maker *m) {
    struct cab_call *call = m->call;
    const char *server = cab_source_server(call, NULL);
    if (cab_source_revisions(call, server, NULL, &m->revisions, m->err) != 0 ||
        cab_source_models(call, server, call->conf->cabinet_models, &m->models, m->err) != 0)
        return -1;
    if (cab_scratch_copy(call->ctx, m->revisions, &m->proof, m->err) != 0 || load(m, m->revisions, &m->before) != 0)
        return -1;
    return cab_renames_run(call->ctx, m->revisions, m->models, call->options->rename, &m->renames, m->err);
}

static int plan_upgrade(struct maker *m) {
    const struct cab_diff_options options = {.careful = true};
    if (load(m, m->revisions, &m->renamed) != 0 || load(m, m->models, &m->after) != 0)
        return -1;
    return cab_diff_plan(m->call->ctx, m->renamed, m->after, &options, &m->up, m->err);
}

static int plan_both(struct maker *m) {
    const struct cab_diff_options options = {.careful = true};
    struct cab_facts *from, *to;
    bool asked, parked = false;
    if (plan_upgrade(m) != 0 || cab_renames_ask(m->call->ctx, m->revisions, m->models, m->renamed, m->after, m->up,
                                                &m->renames, &asked, m->err) != 0)
        return -1;
    if (asked && plan_upgrade(m) != 0)
        return -1;
    if (m->call->options->park && cab_park(m->call->ctx, m->revisions, m->renamed, m->after, m->up, m->id, &m->renames,
                                           &parked, m->err) != 0)
        return -1;
    if (parked && plan_upgrade(m) != 0)
        return -1;
    /* planning marks the facts */
    if (load(m, m->models, &from) != 0 || load(m, m->revisions, &to) != 0)
        return -1;
    if (cab_diff_plan(m->call->ctx, from, to, &options, &m->down, m->err) != 0) {
        m->reason = cab_printf(m->call->ctx, "no downgrade: %s", m->err->detail);
        m->down = NULL;
        cab_err_clear(m->err);
    }
    return 0;
}

/* The plan with the renames as steps of their own, so that they share a transaction with what depends on them. */
static struct cab_diff_plan *join(struct maker *m, const struct cab_diff_plan *plan, enum cab_direction direction) {
    struct cab_diff_plan *joint = cab_new(m->call->ctx, struct cab_diff_plan);
    const struct cab_renames *renames = &m->renames;
    int guards = direction == CAB_UPGRADE ? 0 : renames->n_guards;
    int first = direction == CAB_UPGRADE ? renames->n : guards, n = plan->n_steps + guards;
    *joint = *plan;
    joint->n_steps = n + renames->n;
    joint->steps = cab_new_array(joint, struct cab_diff_step, (size_t)joint->n_steps + 1);
    for (int i = 0; i < guards; i++)
        joint->steps[i] = (struct cab_diff_step){.text = renames->guards[i], .kind = "guard", .object = ""};
    for (int i = 0; i < plan->n_steps; i++)
        joint->steps[first + i] = plan->steps[i];
    for (int i = 0; i < renames->n; i++) {
        const char *text = direction == CAB_UPGRADE ? renames->up[i] : renames->down[renames->n - 1 - i];
        joint->steps[direction == CAB_UPGRADE ? i : n + i] =
            (struct cab_diff_step){.text = text, .kind = CAB_CAREFUL_RENAME, .object = ""};
    }
    return joint;
}

static const char *write_body(struct maker *m) {
    struct cab_buf buf;
    cab_buf_init(&buf, m->call->ctx, 4096);
    cab_careful_write(&buf, join(m, m->up, CAB_UPGRADE), CAB_UPGRADE);
    if (m->down != NULL)
        cab_careful_write(&buf, join(m, m->down, CAB_DOWNGRADE), CAB_DOWNGRADE);
    else
        cab_buf_adds(&buf, "\n-- downgrade\n");
    return buf.data;
}

/* Lines that settle hazards which the caller of the command accepts. */
static void write_acks(struct maker *m, struct cab_buf *header) {
    const char *allow = m->call->options->allow;
    for (int i = 0; allow != NULL && i < m->up->n_hazards; i++) {
        const struct cab_diff_hazard *h = &m->up->hazards[i];
        if (h->hazard == CAB_HAZARD_DATA_LOSS && strstr(allow, "data-loss") != NULL)
            cab_buf_addf(header, "-- cabinet: ack DATA_LOSS %s\n", cab_one_line(m->call->ctx, h->object));
    }
}

/* Whether a rename sets its object aside. */
static bool is_parked(const struct maker *m, int i) {
    const char *mark = cab_printf(m->call->ctx, "_%s", m->id);
    return strstr(m->renames.up[i], mark) != NULL;
}

static const char *write_header(struct maker *m) {
    struct cab_buf header;
    char before[65], after[65];
    int version = cab_db_server_version(cab_scratch_db(m->models));
    cab_buf_init(&header, m->call->ctx, 1024);
    cab_facts_hash(m->before, before);
    cab_facts_hash(m->after, after);
    cab_buf_addf(&header, "-- Generator: cabinet-migrate " PACKAGE_VERSION ", server %d.%d\n", version / 10000,
                 version % 10000);
    cab_buf_addf(&header, "-- Schema: %s -> %s\n", before, after);
    if (m->reason != NULL)
        cab_buf_addf(&header, "-- Proof: FAILED %s\n", cab_one_line(m->call->ctx, m->reason));
    else
        cab_buf_adds(&header, "-- Proof: up=ok down=ok again=ok\n");
    cab_careful_hazards(&header, m->up, CAB_UPGRADE);
    for (int i = 0; i < m->renames.n; i++) {
        if (m->renames.objects[i] == NULL)
            continue;
        cab_buf_addf(&header, "-- Hazard: BREAKS_OLD_APP %s (renamed%s)\n",
                     cab_one_line(m->call->ctx, m->renames.objects[i]),
                     is_parked(m, i) ? " away" : "");
    }
    if (m->down != NULL)
        cab_careful_hazards(&header, m->down, CAB_DOWNGRADE);
    for (int i = 0; i < m->up->n_notes; i++)
        cab_buf_addf(&header, "-- Note: %s\n", cab_one_line(m->call->ctx, m->up->notes[i]));
    write_acks(m, &header);
    return header.data;
}

static void announce(const struct maker *m, const char *path) {
    const struct cab_options *options = m->call->options;
    if (options->json) {
        struct cab_buf json;
        cab_buf_init(&json, m->call->ctx, 1024);
        cab_buf_adds(&json, "{\"file\":");
        cab_json_cstring(&json, path);
        cab_buf_addf(&json, ",\"is_proved\":%s,\"reason\":", m->reason == NULL ? "true" : "false");
        cab_json_cstring(&json, m->reason);
        cab_buf_adds(&json, ",\"differences\":[");
        cab_differences_json(&json, m->up->differences, m->up->n_differences);
        printf("%s]}\n", json.data);
        return;
    }
    if (!options->quiet) {
        for (int i = 0; i < m->renames.n; i++) {
            if (m->renames.objects[i] != NULL)
                printf("  %s %s\n", is_parked(m, i) ? "park" : "rename", m->renames.objects[i]);
        }
        cab_differences_print(m->up->differences, m->up->n_differences);
        for (int i = 0; i < m->up->n_hazards; i++)
            printf("  hazard %s %s (%s)\n", cab_hazard_word(m->up->hazards[i].hazard), m->up->hazards[i].object,
                   m->up->hazards[i].why);
    }
    printf("%s\n", path);
    if (m->reason != NULL)
        fprintf(stderr, "cabinet-migrate: The revision is not proved: %s\n", m->reason);
    else if (!options->quiet)
        printf("Proved: upgrade, downgrade and upgrade again give equal catalogs.\n");
}

static int write_revision(struct maker *m) {
    struct cab_call *call = m->call;
    const char **ids = cab_new_array(call->ctx, const char *, (size_t)m->n_heads + 1), *path;
    struct cab_draft draft = {.id = m->id, .message = call->options->message, .line = m->line, .revises = ids,
                              .n_revises = m->n_heads};
    draft.body = write_body(m);
    if (m->reason == NULL && cab_prove(call->ctx, m->proof, draft.body, m->before, m->after, &m->reason, m->err) != 0)
        return -1;
    for (int i = 0; i < m->n_heads; i++)
        ids[i] = m->heads[i]->id;
    draft.header = write_header(m);
    draft.body = cab_printf(call->ctx, "%s%s", draft.body[0] == '\n' ? "" : "\n", draft.body);
    if (cab_draft_write(call, &draft, &path, m->err) != 0)
        return -1;
    announce(m, path);
    return m->reason != NULL ? CAB_EXIT_NOT_PROVED : CAB_EXIT_OK;
}

int cab_command_autogenerate(struct cab_call *call, struct cab_err *err) {
    struct maker m = {.call = call, .err = err};
    if (call->options->message == NULL)
        return cab_veto(err, "A revision needs a message: -m \"add bio to users\".");
    if (cab_call_graph(call, err) != 0 || cab_draft_line(call, &m.line, &m.heads, &m.n_heads, err) != 0)
        return -1;
    if (m.n_heads > 1)
        return cab_veto(err, "Line %s has %d heads, %s and %s among them. Join them first: cabinet-migrate merge.",
                        m.line, m.n_heads, m.heads[0]->id, m.heads[1]->id);
    m.id = cab_draft_id(call);
    if (build(&m) != 0 || plan_both(&m) != 0)
        return -1;
    for (int i = 0; i < m.up->n_notes; i++)
        fprintf(stderr, "cabinet-migrate: note: %s\n", m.up->notes[i]);
    if (m.up->n_steps == 0 && m.renames.n == 0) {
        if (call->options->json)
            printf("{\"file\":null,\"differences\":[]}\n");
        else
            printf("Models and revisions agree; there is nothing to write.\n");
        return CAB_EXIT_OK;
    }
    return write_revision(&m);
}
