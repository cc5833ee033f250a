/*
 * Reads the hazard lines of headers, "CLASS object (why)" with "on downgrade" behind some, and asks the database
 * whether data would go.
 */
#include "allow.h"
#include "statements.h"
#include "veto.h"

#include <string.h>

struct hazard {
    const char *class, *object, *why;
    bool is_downgrade;
};

/* Where the object's name ends: at a blank outside of quotes. */
static size_t object_length(const char *s) {
    size_t n = 0;
    for (bool quoted = false; s[n] != '\0' && (quoted || s[n] != ' '); n++)
        quoted = quoted != (s[n] == '"');
    return n;
}

static struct hazard parse(const void *ctx, const char *line) {
    static const char behind[] = ") on downgrade";
    struct hazard h = {.class = cab_strndup(ctx, line, strcspn(line, " "))};
    size_t len = strlen(line), n;
    const char *at = line + strlen(h.class);
    at += *at == ' ';
    n = object_length(at);
    h.object = cab_strndup(ctx, at, n);
    h.why = cab_strdup(ctx, at + n);
    h.is_downgrade = len >= sizeof(behind) - 1 && strcmp(line + len - (sizeof(behind) - 1), behind) == 0;
    return h;
}

/* Whether list, as given to --allow, has the class: DATA_LOSS as data-loss. */
static bool is_allowed(const char *list, const char *class) {
    size_t n = strlen(class);
    for (const char *at = list; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, ","), i = 0;
        while (i < n && i < len && (at[i] == '-' ? '_' : at[i] & ~0x20) == class[i])
            i++;
        if (i == n && len == n)
            return true;
        at += len + (at[len] == ',');
    }
    return false;
}

bool cab_allow_is_acked(const void *ctx, const char *text, const char *class, const char *object) {
    const char *line = cab_printf(ctx, "-- cabinet: ack %s %s", class, object);
    size_t n = strlen(line);
    for (const char *at = strstr(text, line); at != NULL; at = strstr(at + 1, line)) {
        if ((at == text || at[-1] == '\n') && strchr("\r\n", at[n]) != NULL)
            return true;
    }
    return false;
}

/* 1: rows or values would go; 0: nothing would; -1: the server cannot say. */
static int would_lose(struct cab_call *call, const char *object, struct cab_err *err) {
    const char *values[] = {object}, *relation, *column;
    struct cab_result *target, *found;
    if (cab_db_query(call->db, call->ctx, CAB_SHAPE_ANY, cab_sql_text_migrate_loss_target, 1, values, &target,
                     err) != 0)
        return -1;
    if (cab_result_rows(target) == 0)
        return 0;
    relation = cab_result_value(target, 0, 0);
    column = cab_result_value(target, 0, 1);
    const char *sql = column == NULL ? cab_printf(call->ctx, "SELECT EXISTS (SELECT FROM %s)", relation)
                                     : cab_printf(call->ctx, "SELECT EXISTS (SELECT FROM %s WHERE %s IS NOT NULL)",
                                                  relation, column);
    if (cab_db_query(call->db, call->ctx, CAB_SHAPE_ONE, sql, 0, NULL, &found, err) != 0)
        return -1;
    return cab_result_bool(found, 0, 0);
}

static int refuse(const struct cab_revision *revision, const struct hazard *h, struct cab_err *err) {
    return cab_veto(err, "Revision %s (%s) would lose data: %s%s. Accept that by --allow=data-loss, or by the line "
                    "\"-- cabinet: ack DATA_LOSS %s\" in %s.", revision->id, revision->message, h->object, h->why,
                    h->object, revision->path);
}

static int check_step(struct cab_call *call, const struct cab_step *step, void *tmp, struct cab_err *err) {
    const struct cab_revision *r = step->revision;
    const char *allow = call->options->allow;
    char *text = NULL;
    size_t len;
    if (step->direction == CAB_UPGRADE && r->proof != NULL && strncmp(r->proof, "FAILED", 6) == 0 &&
        !is_allowed(allow, "NOT_PROVED"))
        return cab_veto(err, "%s is not proved: %.300s. Correct it and its line Proof, or accept it by "
                        "--allow=not-proved.",
                        r->path, r->proof + 6 + (r->proof[6] == ' '));
    for (int i = 0; i < r->n_hazards; i++) {
        struct hazard h = parse(tmp, r->hazards[i]);
        if (strcmp(h.class, "DATA_LOSS") != 0 || h.is_downgrade != (step->direction == CAB_DOWNGRADE) ||
            is_allowed(allow, h.class))
            continue;
        if (text == NULL && cab_file_read(tmp, r->path, 0, &text, &len, err) != 0)
            return -1;
        if (cab_allow_is_acked(tmp, text, h.class, h.object))
            continue;
        int loses = step->direction == CAB_DOWNGRADE ? would_lose(call, h.object, err) : 1;
        if (loses < 0)
            return -1;
        if (loses > 0)
            return refuse(r, &h, err);
    }
    return 0;
}

int cab_allow_check(struct cab_call *call, const struct cab_plan *plan, struct cab_err *err) {
    for (int i = 0; i < plan->n; i++) {
        void *tmp = cab_mem_alloc(call->ctx, 1);
        int rc = check_step(call, &plan->steps[i], tmp, err);
        cab_mem_free(tmp);
        if (rc != 0)
            return -1;
    }
    return 0;
}
