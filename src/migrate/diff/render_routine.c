/*
 * migrate/diff/render_routine: views, routines, triggers, rules, policies, event triggers: what the server can print by
 * itself and takes back as it printed it.
 */
#include <string.h>

#include "plan.h"

/* ---- views ---- */

static void add_view_options(struct cab_planner *planner, struct cab_buf *buf, const struct cab_fact *view) {
    if (cab_fact_get(view, "options") == NULL)
        return;
    cab_buf_adds(buf, " WITH (");
    cab_add_storage_options(planner, buf, "", cab_fact_get(view, "options"));
    cab_buf_addc(buf, ')');
}

static const char *view_word(const struct cab_fact *view) {
    return cab_fact_is(view, "kind", "m") ? "MATERIALIZED VIEW" : "VIEW";
}

static void create_view(struct cab_planner *planner, const struct cab_fact *view, const char *or_replace) {
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 256);
    cab_buf_addf(&buf, "CREATE %s%s %s", or_replace, view_word(view), view->ident);
    if (cab_fact_get(view, "columns") == NULL) /* no columns at all */
        cab_buf_adds(&buf, "");
    if (cab_fact_is(view, "kind", "m") && cab_fact_get(view, "method") != NULL && !cab_fact_is(view, "method", "heap"))
        cab_buf_addf(&buf, " USING %s", cab_fact_get(view, "method"));
    add_view_options(planner, &buf, view);
    if (cab_fact_get(view, "tablespace") != NULL)
        cab_buf_addf(&buf, " TABLESPACE %s", cab_fact_get(view, "tablespace"));
    cab_buf_addf(&buf, " AS\n%s", cab_fact_text(view, "definition"));
    if (cab_fact_is(view, "kind", "m") && !cab_fact_true(view, "populated"))
        cab_buf_adds(&buf, "\nWITH NO DATA");
    cab_emit(planner, 0, "%s", buf.data);
}

/* The columns of the view, without anything in them. */
static void emit_empty_view(struct cab_planner *planner, const struct cab_fact *view, const char *or_replace) {
    char **columns;
    int n = cab_split_lines(planner->ctx, cab_fact_get(view, "columns"), &columns), i;
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 256);
    for (i = 0; i < n; i++) {
        size_t name = cab_name_length(columns[i]);

        cab_buf_addf(&buf, "%s\n    NULL::%s AS %.*s", i > 0 ? "," : "", columns[i] + name + 1, (int)name, columns[i]);
    }
    cab_emit(planner, 0, "CREATE %sVIEW %s AS\n SELECT%s", or_replace, view->ident, buf.data);
}

/* What each column of a materialised view is told: lines of "name SET …". */
static void emit_view_settings(struct cab_planner *planner, const struct cab_fact *view, const char *old) {
    char **was, **is;
    int n_was = cab_split_lines(planner->ctx, old, &was), i;
    int n_is = cab_split_lines(planner->ctx, cab_fact_get(view, "settings"), &is);

    for (i = 0; i < n_was; i++) {
        size_t name = cab_name_length(was[i]);

        if (!cab_line_among(is, n_is, was[i]) && strncmp(was[i] + name, " SET STATISTICS ", 16) == 0)
            cab_emit(planner, 0, "ALTER MATERIALIZED VIEW %s ALTER COLUMN %.*s SET STATISTICS -1", view->ident,
                     (int)name, was[i]);
    }
    for (i = 0; i < n_is; i++) {
        size_t name = cab_name_length(is[i]);

        if (!cab_line_among(was, n_was, is[i]))
            cab_emit(planner, 0, "ALTER MATERIALIZED VIEW %s ALTER COLUMN %.*s%s", view->ident, (int)name, is[i],
                     is[i] + name);
    }
}

void cab_create_view(struct cab_planner *planner, const struct cab_fact *view) {
    if (view->separate)
        emit_empty_view(planner, view, "");
    else
        create_view(planner, view, "");
    emit_view_settings(planner, view, "");
}

void cab_empty_view(struct cab_planner *planner, const struct cab_fact *view) {
    emit_empty_view(planner, view, "OR REPLACE ");
}

void cab_complete_view(struct cab_planner *planner, const struct cab_fact *view) {
    create_view(planner, view, "OR REPLACE ");
}

void cab_drop_view(struct cab_planner *planner, const struct cab_fact *view) {
    cab_emit(planner, 0, "DROP %s %s", view_word(view), view->ident);
    if (view->fate == CAB_FATE_DROP)
        cab_hazard(planner, CAB_HAZARD_BREAKS_OLD_APP, view->ident, "the view is dropped");
}

void cab_alter_view(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    char **was;
    int n, i;

    if (cab_fact_differs(old, "definition") || cab_fact_differs(old, "columns")) {
        create_view(planner, new, "OR REPLACE ");
        return;
    }
    if (cab_fact_differs(old, "options")) {
        struct cab_buf buf;

        n = cab_split_lines(planner->ctx, cab_fact_get(old, "options"), &was);
        cab_buf_init(&buf, planner->ctx, 32);
        for (i = 0; i < n; i++)
            cab_buf_addf(&buf, "%s%.*s", i > 0 ? ", " : "", (int)strcspn(was[i], "="), was[i]);
        if (n > 0)
            cab_emit(planner, 0, "ALTER %s %s RESET (%s)", view_word(new), new->ident, buf.data);
        cab_buf_reset(&buf);
        cab_add_storage_options(planner, &buf, "", cab_fact_get(new, "options"));
        if (cab_fact_get(new, "options") != NULL)
            cab_emit(planner, 0, "ALTER %s %s SET (%s)", view_word(new), new->ident, buf.data);
    }
    if (cab_fact_differs(old, "settings"))
        emit_view_settings(planner, new, cab_fact_get(old, "settings"));
    if (cab_fact_differs(old, "populated"))
        cab_emit(planner, 0, "REFRESH MATERIALIZED VIEW %s%s", new->ident,
                 cab_fact_true(new, "populated") ? "" : " WITH NO DATA");
}

/* ---- routines ---- */

static const char *trimmed(struct cab_planner *planner, const char *definition) {
    size_t n = strlen(definition);

    while (n > 0 && strchr("\n ;", definition[n - 1]) != NULL)
        n--;
    return cab_strndup(planner->ctx, definition, n);
}

void cab_create_function(struct cab_planner *planner, const struct cab_fact *function) {
    const char *definition = trimmed(planner, cab_fact_text(function, "definition"));

    if (strncmp(definition, "CREATE OR REPLACE ", 18) == 0)
        cab_emit(planner, 0, "CREATE %s", definition + 18);
    else
        cab_emit(planner, 0, "%s", definition);
}

void cab_drop_function(struct cab_planner *planner, const struct cab_fact *function) {
    cab_emit(planner, 0, "DROP %s %s", cab_fact_is(function, "kind", "p") ? "PROCEDURE" : "FUNCTION",
             cab_fact_text(function, "signature"));
}

void cab_alter_function(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    (void)old;
    cab_emit(planner, 0, "%s", trimmed(planner, cab_fact_text(new, "definition")));
}

void cab_create_aggregate(struct cab_planner *planner, const struct cab_fact *aggregate) {
    cab_emit(planner, 0, "%s", cab_fact_text(aggregate, "definition"));
}

void cab_drop_aggregate(struct cab_planner *planner, const struct cab_fact *aggregate) {
    cab_emit(planner, 0, "DROP AGGREGATE %s", cab_fact_text(aggregate, "signature"));
}

/* ---- triggers, rules ---- */

static void emit_enabled(struct cab_planner *planner, const char *what, const struct cab_fact *fact, bool only) {
    const char *state = cab_fact_text(fact, "enabled");
    const char *word = state[0] == 'D'   ? "DISABLE"
                       : state[0] == 'R' ? "ENABLE REPLICA"
                       : state[0] == 'A' ? "ENABLE ALWAYS"
                                         : "ENABLE";

    cab_emit(planner, 0, "ALTER TABLE %s%s %s %s %s", only ? "ONLY " : "", cab_fact_text(fact, "table"), word, what,
             cab_fact_text(fact, "name"));
}

static bool is_of_partitioned(const struct cab_fact *trigger) {
    return trigger->parent->kind == CAB_FACT_TABLE && cab_fact_is(trigger->parent, "kind", "p");
}

/* A partition's copy is made by the server, in the state of the trigger that it copies. */
static void create_clone(struct cab_planner *planner, const struct cab_fact *trigger) {
    if (!cab_same_text(cab_fact_get(trigger, "enabled"), cab_fact_get(trigger->on, "enabled")) ||
        trigger->on->fate == CAB_FATE_ALTER)
        emit_enabled(planner, "TRIGGER", trigger, is_of_partitioned(trigger));
}

void cab_create_trigger(struct cab_planner *planner, const struct cab_fact *trigger) {
    if (cab_fact_true(trigger, "clone")) {
        create_clone(planner, trigger);
        return;
    }
    cab_emit(planner, 0, "%s", cab_fact_text(trigger, "definition"));
    if (!cab_fact_is(trigger, "enabled", "O"))
        emit_enabled(planner, "TRIGGER", trigger, false);
}

void cab_drop_trigger(struct cab_planner *planner, const struct cab_fact *trigger) {
    if (!cab_fact_true(trigger, "clone"))
        cab_emit(planner, 0, "DROP TRIGGER %s", trigger->ident);
}

void cab_alter_trigger(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    (void)old;
    emit_enabled(planner, "TRIGGER", new, is_of_partitioned(new));
}

void cab_create_rule(struct cab_planner *planner, const struct cab_fact *rule) {
    cab_emit(planner, 0, "%s", cab_fact_text(rule, "definition"));
    if (!cab_fact_is(rule, "enabled", "O"))
        emit_enabled(planner, "RULE", rule, false);
}

void cab_drop_rule(struct cab_planner *planner, const struct cab_fact *rule) {
    cab_emit(planner, 0, "DROP RULE %s", rule->ident);
}

void cab_alter_rule(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    (void)old;
    emit_enabled(planner, "RULE", new, false);
}

/* ---- policies ---- */

void cab_create_policy(struct cab_planner *planner, const struct cab_fact *policy) {
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 128);
    cab_buf_addf(&buf, "CREATE POLICY %s", policy->ident);
    if (!cab_fact_true(policy, "permissive"))
        cab_buf_adds(&buf, " AS RESTRICTIVE");
    cab_buf_addf(&buf, " FOR %s TO %s", cab_fact_text(policy, "command"), cab_fact_text(policy, "roles"));
    if (cab_fact_get(policy, "using") != NULL)
        cab_buf_addf(&buf, " USING (%s)", cab_fact_get(policy, "using"));
    if (cab_fact_get(policy, "check") != NULL)
        cab_buf_addf(&buf, " WITH CHECK (%s)", cab_fact_get(policy, "check"));
    cab_emit(planner, 0, "%s", buf.data);
    cab_hazard(planner, CAB_HAZARD_AUTHZ, policy->ident, "the policy is made");
}

void cab_drop_policy(struct cab_planner *planner, const struct cab_fact *policy) {
    cab_emit(planner, 0, "DROP POLICY %s", policy->ident);
    cab_hazard(planner, CAB_HAZARD_AUTHZ, policy->ident, "the policy is dropped");
}

/* ---- event triggers ---- */

static void emit_event_enabled(struct cab_planner *planner, const struct cab_fact *trigger) {
    const char *state = cab_fact_text(trigger, "enabled");
    const char *word = state[0] == 'D'   ? "DISABLE"
                       : state[0] == 'R' ? "ENABLE REPLICA"
                       : state[0] == 'A' ? "ENABLE ALWAYS"
                                         : "ENABLE";

    cab_emit(planner, 0, "ALTER EVENT TRIGGER %s %s", trigger->ident, word);
}

void cab_create_event_trigger(struct cab_planner *planner, const struct cab_fact *trigger) {
    const char *tags = cab_fact_get(trigger, "tags");

    cab_emit(planner, 0, "CREATE EVENT TRIGGER %s ON %s%s%s%s EXECUTE FUNCTION %s", trigger->ident,
             cab_fact_text(trigger, "event"), tags != NULL ? " WHEN TAG IN (" : "", tags != NULL ? tags : "",
             tags != NULL ? ")" : "", cab_fact_text(trigger, "function"));
    if (!cab_fact_is(trigger, "enabled", "O"))
        emit_event_enabled(planner, trigger);
}

void cab_drop_event_trigger(struct cab_planner *planner, const struct cab_fact *trigger) {
    cab_emit(planner, 0, "DROP EVENT TRIGGER %s", trigger->ident);
}

void cab_alter_event_trigger(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    (void)old;
    emit_event_enabled(planner, new);
}
