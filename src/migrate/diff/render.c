/*
 * migrate/diff/render: from actions to statements.  One row for each kind; the words are in the render_* files.
 */
#include <string.h>

#include "plan.h"

struct renderer {
    cab_render_one *create, *drop;
    cab_render_two *alter;
    cab_render_one *complete;
};

static const struct renderer renderers[CAB_FACT__MAX] = {
    [CAB_FACT_DEFAULT_ACL] = { cab_create_default_acl, cab_drop_default_acl, cab_alter_default_acl },
    [CAB_FACT_SCHEMA] = { cab_create_schema, cab_drop_schema, NULL },
    [CAB_FACT_EXTENSION] = { cab_create_extension, cab_drop_extension, cab_alter_extension },
    [CAB_FACT_COLLATION] = { cab_create_collation, cab_drop_collation, NULL },
    [CAB_FACT_CONVERSION] = { cab_create_definition, cab_drop_conversion, NULL },
    [CAB_FACT_TYPE] = { cab_create_type, cab_drop_type, cab_alter_type, cab_complete_domain },
    [CAB_FACT_DOMAIN_CONSTRAINT] = { cab_create_domain_constraint, cab_drop_domain_constraint,
                                     cab_alter_domain_constraint },
    [CAB_FACT_FUNCTION] = { cab_create_function, cab_drop_function, cab_alter_function },
    [CAB_FACT_OPERATOR] = { cab_create_definition, cab_drop_operator, NULL },
    [CAB_FACT_OPERATOR_FAMILY] = { cab_create_operator_family, cab_drop_operator_family, NULL },
    [CAB_FACT_OPERATOR_CLASS] = { cab_create_definition, cab_drop_operator_class, NULL },
    [CAB_FACT_AGGREGATE] = { cab_create_aggregate, cab_drop_aggregate, NULL },
    [CAB_FACT_CAST] = { cab_create_cast, cab_drop_cast, NULL },
    [CAB_FACT_TEXT_SEARCH] = { cab_create_text_search, cab_drop_text_search, NULL },
    [CAB_FACT_FOREIGN] = { cab_create_foreign, cab_drop_foreign, cab_alter_foreign },
    [CAB_FACT_SEQUENCE] = { cab_create_sequence, cab_drop_sequence, cab_alter_sequence },
    [CAB_FACT_TABLE] = { cab_create_table, cab_drop_table, cab_alter_table },
    [CAB_FACT_COLUMN] = { cab_create_column, cab_drop_column, cab_alter_column },
    [CAB_FACT_INHERIT] = { cab_create_inherit, cab_drop_inherit, NULL },
    [CAB_FACT_OWNED] = { cab_create_owned, cab_drop_owned, NULL },
    [CAB_FACT_DEFAULT] = { cab_create_default, cab_drop_default, cab_alter_default },
    [CAB_FACT_VIEW] = { cab_create_view, cab_drop_view, cab_alter_view, cab_complete_view },
    [CAB_FACT_CONSTRAINT] = { cab_create_constraint, cab_drop_constraint, cab_alter_constraint },
    [CAB_FACT_INDEX] = { cab_create_index, cab_drop_index, cab_alter_index },
    [CAB_FACT_ATTACH] = { cab_create_attach, cab_drop_attach, NULL },
    [CAB_FACT_INDEX_ATTACH] = { cab_create_index_attach, NULL, NULL },
    [CAB_FACT_INDEX_MARK] = { cab_create_index_mark, cab_drop_index_mark, cab_alter_index_mark },
    [CAB_FACT_STATISTICS] = { cab_create_statistics, cab_drop_statistics, cab_alter_statistics },
    [CAB_FACT_RULE] = { cab_create_rule, cab_drop_rule, cab_alter_rule },
    [CAB_FACT_TRIGGER] = { cab_create_trigger, cab_drop_trigger, cab_alter_trigger },
    [CAB_FACT_EVENT_TRIGGER] = { cab_create_event_trigger, cab_drop_event_trigger, cab_alter_event_trigger },
    [CAB_FACT_POLICY] = { cab_create_policy, cab_drop_policy, NULL },
    [CAB_FACT_PUBLICATION] = { cab_create_publication, cab_drop_publication, cab_alter_publication },
    [CAB_FACT_OWNER] = { cab_create_owner, NULL, cab_alter_owner },
    [CAB_FACT_ACL] = { cab_create_acl, cab_drop_acl, cab_alter_acl },
    [CAB_FACT_COMMENT] = { cab_create_comment, cab_drop_comment, cab_alter_comment },
};

void cab_emit(struct cab_planner *planner, unsigned flags, const char *fmt, ...) {
    struct cab_node *node = planner->current;
    const struct cab_fact *fact = node->new != NULL ? node->new : node->old;
    struct cab_diff_step *step;
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = cab_vprintf(planner->ctx, fmt, ap);
    va_end(ap);
    if (node->n_steps == node->cap_steps) {
        node->cap_steps = node->cap_steps > 0 ? 2 * node->cap_steps : 2;
        node->steps = cab_mem_resize(planner->ctx, node->steps, (size_t)node->cap_steps * sizeof(*node->steps));
    }
    step = &node->steps[node->n_steps++];
    *step = (struct cab_diff_step){ .text = cab_printf(planner->ctx, "%s;", cab_faithful(planner, text)),
                                    .flags = flags,
                                    .kind = cab_fact_specs[fact->kind].word,
                                    .object = fact->ident };
    cab_mem_free(text);
}

void cab_hazard(struct cab_planner *planner, enum cab_hazard hazard, const char *object, const char *why) {
    struct cab_diff_plan *plan = planner->plan;

    plan->hazards = cab_mem_resize(planner->ctx, plan->hazards, (size_t)(plan->n_hazards + 1) * sizeof(*plan->hazards));
    plan->hazards[plan->n_hazards++] = (struct cab_diff_hazard){ hazard, object, why };
}

void cab_note(struct cab_planner *planner, const char *fmt, ...) {
    struct cab_diff_plan *plan = planner->plan;
    va_list ap;

    plan->notes = cab_mem_resize(planner->ctx, plan->notes, (size_t)(plan->n_notes + 1) * sizeof(*plan->notes));
    va_start(ap, fmt);
    plan->notes[plan->n_notes++] = cab_vprintf(planner->ctx, fmt, ap);
    va_end(ap);
}

void cab_render_node(struct cab_planner *planner, struct cab_node *node) {
    const struct renderer *renderer = &renderers[(node->new != NULL ? node->new : node->old)->kind];

    planner->current = node;
    switch (node->op) {
        case CAB_NODE_NOTHING: break;
        case CAB_NODE_DROP:
            if (renderer->drop != NULL)
                renderer->drop(planner, node->old);
            break;
        case CAB_NODE_CREATE:
            renderer->create(planner, node->new);
            break;
        case CAB_NODE_ALTER:
            CAB_BUG_ON(renderer->alter == NULL);
            renderer->alter(planner, node->old, node->new);
            break;
        case CAB_NODE_AWAY: cab_rename_away(planner, node->old); break;
        case CAB_NODE_COPY: cab_copy_rows(planner, node->old, node->new); break;
        case CAB_NODE_FINISH: cab_drop_away(planner, node->old); break;
        case CAB_NODE_EMPTY: cab_empty_view(planner, node->old); break;
        case CAB_NODE_COMPLETE: renderer->complete(planner, node->new); break;
    }
}

char *cab_quote(const void *ctx, const char *text) {
    struct cab_buf buf;

    cab_buf_init(&buf, ctx, strlen(text) + 2);
    if (strchr(text, '\\') != NULL)
        cab_buf_addc(&buf, 'E');
    cab_buf_addc(&buf, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            cab_buf_addc(&buf, *text);
        cab_buf_addc(&buf, *text);
    }
    cab_buf_addc(&buf, '\'');
    return buf.data;
}

size_t cab_name_length(const char *line) {
    const char *at = line + 1;

    if (line[0] != '"')
        return strcspn(line, " ");
    for (; *at != '\0' && !(at[0] == '"' && at[1] != '"'); at++)
        at += at[0] == '"';
    return (size_t)(at - line) + (*at == '"');
}

void cab_add_foreign_options(struct cab_planner *planner, struct cab_buf *buf, const char *old, const char *new) {
    char **was, **is;
    int n_was = cab_split_lines(planner->ctx, old, &was), n_is = cab_split_lines(planner->ctx, new, &is), i, k;
    const char *separator = "";

    cab_buf_adds(buf, "OPTIONS (");
    for (i = 0; i < n_is; i++) {
        const char *word = n_was > 0 ? "ADD " : "";

        for (k = 0; k < n_was; k++)
            if (strncmp(was[k], is[i], cab_name_length(is[i]) + 1) == 0)
                word = strcmp(was[k], is[i]) == 0 ? NULL : "SET ";
        if (word != NULL) {
            cab_buf_addf(buf, "%s%s%s", separator, word, is[i]);
            separator = ", ";
        }
    }
    for (k = 0; k < n_was; k++) {
        bool stays = false;

        for (i = 0; i < n_is; i++)
            stays = stays || strncmp(was[k], is[i], cab_name_length(was[k]) + 1) == 0;
        if (!stays) {
            cab_buf_addf(buf, "%sDROP %.*s", separator, (int)cab_name_length(was[k]), was[k]);
            separator = ", ";
        }
    }
    cab_buf_addc(buf, ')');
}

void cab_add_storage_options(struct cab_planner *planner, struct cab_buf *buf, const char *prefix, const char *lines) {
    char **options;
    int n = cab_split_lines(planner->ctx, lines, &options), i;

    for (i = 0; i < n; i++) {
        char *value = strchr(options[i], '=');

        cab_buf_addf(buf, "%s%s%.*s", i > 0 ? ", " : "", prefix,
                     value != NULL ? (int)(value - options[i]) : (int)strlen(options[i]), options[i]);
        if (value != NULL)
            cab_buf_addf(buf, " = %s", cab_quote(planner->ctx, value + 1));
    }
}
