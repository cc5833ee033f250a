/*
 * migrate/diff/render_acl: owners, privileges, default privileges, comments: what may hang on objects of any kind.
 * Privileges are lines of "grantee PRIVILEGE,PRIVILEGE*", the owner written as @owner, a star for the grant option.
 */
#include <string.h>

#include "plan.h"

static const char *owner_word(const struct cab_fact *fact) {
    switch (fact->kind) {
        case CAB_FACT_TABLE: return cab_fact_is(fact, "kind", "f") ? "FOREIGN TABLE " : "TABLE ";
        case CAB_FACT_VIEW: return cab_fact_is(fact, "kind", "m") ? "MATERIALIZED VIEW " : "VIEW ";
        case CAB_FACT_FUNCTION: return cab_fact_is(fact, "kind", "p") ? "PROCEDURE " : "FUNCTION ";
        case CAB_FACT_TYPE: return cab_fact_is(fact, "kind", "d") ? "DOMAIN " : "TYPE ";
        case CAB_FACT_SEQUENCE: return "SEQUENCE ";
        case CAB_FACT_AGGREGATE: return "AGGREGATE ";
        case CAB_FACT_SCHEMA: return "SCHEMA ";
        case CAB_FACT_COLLATION: return "COLLATION ";
        case CAB_FACT_CONVERSION: return "CONVERSION ";
        case CAB_FACT_OPERATOR: return "OPERATOR ";
        case CAB_FACT_OPERATOR_FAMILY: return "OPERATOR FAMILY ";
        case CAB_FACT_OPERATOR_CLASS: return "OPERATOR CLASS ";
        case CAB_FACT_TEXT_SEARCH: return "TEXT SEARCH ";
        case CAB_FACT_EVENT_TRIGGER: return "EVENT TRIGGER ";
        case CAB_FACT_PUBLICATION: return "PUBLICATION ";
        case CAB_FACT_STATISTICS: return "STATISTICS ";
        default: return "";
    }
}

static const char *owner_name(const struct cab_fact *fact) {
    return fact->kind == CAB_FACT_FUNCTION || fact->kind == CAB_FACT_AGGREGATE ? cab_fact_get(fact, "signature")
                                                                               : fact->ident;
}

static void emit_owner(struct cab_planner *planner, const struct cab_fact *owner) {
    cab_emit(planner, 0, "ALTER %s%s OWNER TO %s", owner_word(owner->parent), owner_name(owner->parent),
             cab_fact_text(owner, "owner"));
}

void cab_create_owner(struct cab_planner *planner, const struct cab_fact *owner) {
    if (!cab_fact_is_made(owner->parent) || !cab_fact_is(owner, "owner", planner->role))
        emit_owner(planner, owner);
}

void cab_alter_owner(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    (void)old;
    emit_owner(planner, new);
    cab_hazard(planner, CAB_HAZARD_AUTHZ, new->ident, "the owner changes");
}

/* ---- privileges ---- */

struct grant {
    const char *grantee, *privilege;
    bool is_grantable;
};

static size_t grantee_length(const char *line) {
    const char *at = line;

    if (*at == '"') {
        for (at++; *at != '\0' && !(at[0] == '"' && at[1] != '"'); at++)
            at += at[0] == '"' && at[1] == '"';
        return (size_t)(at - line) + 1;
    }
    return strcspn(line, " ");
}

static int parse_acl(struct cab_planner *planner, const char *acl, struct grant **out) {
    char **lines;
    int n_lines = cab_split_lines(planner->ctx, acl, &lines), i, n = 0, room = 0;
    struct grant *grants = NULL;

    for (i = 0; i < n_lines; i++) {
        size_t length = grantee_length(lines[i]);
        const char *grantee = cab_strndup(planner->ctx, lines[i], length), *at = lines[i] + length;

        while (*at != '\0') {
            size_t word;

            at++;
            word = strcspn(at, ",");
            if (n == room) {
                room = room > 0 ? 2 * room : 16;
                grants = cab_mem_resize(planner->ctx, grants, (size_t)room * sizeof(*grants));
            }
            grants[n].grantee = grantee;
            grants[n].is_grantable = word > 0 && at[word - 1] == '*';
            grants[n].privilege = cab_strndup(planner->ctx, at, word - grants[n].is_grantable);
            n++;
            at += word;
        }
    }
    *out = grants;
    return n;
}

static const struct grant *find_grant(const struct grant *grants, int n, const struct grant *what) {
    for (; n > 0; n--, grants++)
        if (strcmp(grants->grantee, what->grantee) == 0 && strcmp(grants->privilege, what->privilege) == 0)
            return grants;
    return NULL;
}

struct wording {
    const char *head;   /* "", or ALTER DEFAULT PRIVILEGES … */
    const char *object; /* "TABLE public.t" */
    const char *column; /* quoted, or NULL */
    const char *owner;
};

/* One statement for each grantee: the privileges of list that other lacks, with or without the grant option. */
static void emit_missing(struct cab_planner *planner, const struct wording *wording, const struct grant *list, int n,
                         const struct grant *other, int n_other, bool revokes, bool option) {
    int i, k;

    for (i = 0; i < n; i++) {
        struct cab_buf buf;
        bool is_first = true;

        for (k = 0; k < i && is_first; k++)
            is_first = strcmp(list[k].grantee, list[i].grantee) != 0;
        if (!is_first)
            continue;
        cab_buf_init(&buf, planner->ctx, 64);
        for (k = i; k < n; k++) {
            const struct grant *match = find_grant(other, n_other, &list[k]);
            bool wanted;

            if (strcmp(list[k].grantee, list[i].grantee) != 0)
                continue;
            if (revokes)
                wanted = option ? match != NULL && list[k].is_grantable && !match->is_grantable : match == NULL;
            else
                wanted = list[k].is_grantable == option && (match == NULL || (option && !match->is_grantable));
            if (!wanted)
                continue;
            cab_buf_addf(&buf, "%s%s", buf.len > 0 ? ", " : "", list[k].privilege);
            if (wording->column != NULL)
                cab_buf_addf(&buf, " (%s)", wording->column);
        }
        if (buf.len > 0)
            cab_emit(planner, 0, "%s%s%s%s ON %s %s %s%s", wording->head, revokes ? "REVOKE " : "GRANT ",
                     revokes && option ? "GRANT OPTION FOR " : "", buf.data, wording->object, revokes ? "FROM" : "TO",
                     strcmp(list[i].grantee, "@owner") == 0 ? wording->owner : list[i].grantee,
                     !revokes && option ? " WITH GRANT OPTION" : "");
    }
}

static bool change_acl(struct cab_planner *planner, const struct wording *wording, const char *old, const char *new) {
    struct grant *was, *is;
    int n_was = parse_acl(planner, old, &was), n_is = parse_acl(planner, new, &is);
    int before = planner->current->n_steps, after;

    emit_missing(planner, wording, was, n_was, is, n_is, true, false);
    emit_missing(planner, wording, was, n_was, is, n_is, true, true);
    after = planner->current->n_steps;
    emit_missing(planner, wording, is, n_is, was, n_was, false, false);
    emit_missing(planner, wording, is, n_is, was, n_was, false, true);
    return after > before;
}

const char *cab_owner_of(const struct cab_planner *planner, const struct cab_fact *fact) {
    const struct cab_fact *child;

    for (; fact != NULL; fact = fact->parent)
        for (child = fact->children; child != NULL; child = child->next_child)
            if (child->kind == CAB_FACT_OWNER)
                return cab_fact_text(child, "owner");
    return planner->role;
}

static struct wording wording_of(struct cab_planner *planner, const struct cab_fact *acl) {
    const struct cab_fact *object = acl->parent;
    struct wording wording = { .head = "", .owner = cab_owner_of(planner, object) };
    void *ctx = planner->ctx;

    switch (object->kind) {
        case CAB_FACT_COLUMN:
            wording.object = cab_printf(ctx, "TABLE %s", cab_fact_text(object, "table"));
            wording.column = cab_fact_text(object, "name");
            break;
        case CAB_FACT_TABLE:
        case CAB_FACT_VIEW:
            wording.object = cab_printf(ctx, "TABLE %s", object->ident);
            wording.column = cab_fact_get(acl, "column");
            break;
        case CAB_FACT_FUNCTION:
            wording.object =
                cab_printf(ctx, "%s %s", cab_fact_is(object, "kind", "p") ? "PROCEDURE" : "FUNCTION", object->ident);
            break;
        case CAB_FACT_AGGREGATE: wording.object = cab_printf(ctx, "FUNCTION %s", object->ident); break;
        case CAB_FACT_TYPE: wording.object = cab_printf(ctx, "TYPE %s", object->ident); break;
        case CAB_FACT_FOREIGN:
            wording.object = cab_printf(ctx, "%s%s", object->ident[0] == 'S' ? "FOREIGN " : "", object->ident);
            break;
        default: wording.object = cab_printf(ctx, "%s%s", owner_word(object), object->ident); break;
    }
    return wording;
}

/* Two lists of privileges as one. */
static const char *joined_acl(struct cab_planner *planner, const char *a, const char *b) {
    struct grant *left, *right;
    int n = parse_acl(planner, a, &left), m = parse_acl(planner, b, &right), i;
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 64);
    for (i = 0; i < n; i++)
        cab_buf_addf(&buf, "%s%s %s%s", buf.len > 0 ? "\n" : "", left[i].grantee, left[i].privilege,
                     left[i].is_grantable ? "*" : "");
    for (i = 0; i < m; i++)
        if (find_grant(left, n, &right[i]) == NULL)
            cab_buf_addf(&buf, "%s%s %s%s", buf.len > 0 ? "\n" : "", right[i].grantee, right[i].privilege,
                         right[i].is_grantable ? "*" : "");
    return buf.data;
}

/* What an object has right after it was made: the built-in privileges and the default privileges of who made it. */
static const char *first_acl(struct cab_planner *planner, const struct cab_fact *object) {
    char letter = cab_fact_acl_letter(object), kind = letter == 's' ? 'S' : letter;
    const char *acl = planner->to->acl_defaults[(unsigned char)letter];
    const struct cab_fact *given;

    if (strchr("rsfTn", letter) == NULL)
        return acl;
    given = cab_facts_find(planner->to, CAB_FACT_DEFAULT_ACL, cab_printf(planner->ctx, "%s %c", planner->role, kind));
    if (given != NULL)
        acl = cab_fact_text(given, "acl");
    if (kind == 'n')
        return acl;
    given = cab_facts_find(planner->to, CAB_FACT_DEFAULT_ACL, cab_printf(planner->ctx, "%s %c %s", planner->role, kind,
                                                                         cab_fact_text(object, "schema")));
    return given != NULL ? joined_acl(planner, acl, cab_fact_text(given, "acl")) : acl;
}

/* REVOKE on a table takes the privileges of its columns too: those that stay are given again. */
static void restore_columns(struct cab_planner *planner, const struct cab_fact *table) {
    const struct cab_fact *column, *acl;

    for (acl = table->children; acl != NULL; acl = acl->next_child)
        if (acl->kind == CAB_FACT_ACL && acl->fate == CAB_FATE_KEEP && cab_fact_get(acl, "column") != NULL) {
            struct wording wording = wording_of(planner, acl);

            change_acl(planner, &wording, "", cab_fact_text(acl, "acl"));
        }
    for (column = table->children; column != NULL; column = column->next_child)
        for (acl = column->kind == CAB_FACT_COLUMN ? column->children : NULL; acl != NULL; acl = acl->next_child)
            if (acl->kind == CAB_FACT_ACL && acl->fate == CAB_FATE_KEEP) {
                struct wording wording = wording_of(planner, acl);

                change_acl(planner, &wording, "", cab_fact_text(acl, "acl"));
            }
}

void cab_create_acl(struct cab_planner *planner, const struct cab_fact *acl) {
    struct wording wording = wording_of(planner, acl);

    change_acl(planner, &wording,
               cab_fact_is_made(acl->parent) && wording.column == NULL ? first_acl(planner, acl->parent) : "",
               cab_fact_text(acl, "acl"));
}

void cab_alter_acl(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    struct wording wording = wording_of(planner, new);

    if (change_acl(planner, &wording, cab_fact_text(old, "acl"), cab_fact_text(new, "acl")) &&
        wording.column == NULL && (new->parent->kind == CAB_FACT_TABLE || new->parent->kind == CAB_FACT_VIEW))
        restore_columns(planner, new->parent);
    cab_hazard(planner, CAB_HAZARD_AUTHZ, new->ident, "privileges change");
}

void cab_drop_acl(struct cab_planner *planner, const struct cab_fact *acl) {
    struct wording wording = wording_of(planner, acl);

    change_acl(planner, &wording, cab_fact_text(acl, "acl"), "");
}

/* ---- default privileges ---- */

static void change_default_acl(struct cab_planner *planner, const struct cab_fact *fact, const char *old,
                               const char *new) {
    const char *schema = cab_fact_get(fact, "schema"), *role = cab_fact_text(fact, "role");
    struct wording wording = { .owner = role };

    switch (cab_fact_text(fact, "kind")[0]) {
        case 'r': wording.object = "TABLES"; break;
        case 'S': wording.object = "SEQUENCES"; break;
        case 'f': wording.object = "FUNCTIONS"; break;
        case 'T': wording.object = "TYPES"; break;
        default: wording.object = "SCHEMAS"; break;
    }
    wording.head =
        cab_printf(planner->ctx, "ALTER DEFAULT PRIVILEGES FOR ROLE %s %s%s%s", role,
                   schema != NULL ? "IN SCHEMA " : "", schema != NULL ? schema : "", schema != NULL ? " " : "");
    change_acl(planner, &wording, old, new);
}

static const char *base_of_default(const struct cab_planner *planner, const struct cab_fact *fact) {
    char kind = cab_fact_text(fact, "kind")[0];

    return cab_fact_get(fact, "schema") != NULL ? ""
                                                : planner->to->acl_defaults[(unsigned char)(kind == 'S' ? 's' : kind)];
}

void cab_create_default_acl(struct cab_planner *planner, const struct cab_fact *fact) {
    change_default_acl(planner, fact, base_of_default(planner, fact), cab_fact_text(fact, "acl"));
}

void cab_drop_default_acl(struct cab_planner *planner, const struct cab_fact *fact) {
    change_default_acl(planner, fact, cab_fact_text(fact, "acl"), base_of_default(planner, fact));
}

void cab_alter_default_acl(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    change_default_acl(planner, new, cab_fact_text(old, "acl"), cab_fact_text(new, "acl"));
}

/* ---- comments ---- */

void cab_create_comment(struct cab_planner *planner, const struct cab_fact *comment) {
    cab_emit(planner, 0, "COMMENT ON %s %s IS %s", cab_fact_text(comment, "word"), cab_fact_text(comment, "name"),
             cab_fact_text(comment, "text"));
}

void cab_drop_comment(struct cab_planner *planner, const struct cab_fact *comment) {
    cab_emit(planner, 0, "COMMENT ON %s %s IS NULL", cab_fact_text(comment, "word"), cab_fact_text(comment, "name"));
}

void cab_alter_comment(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    (void)old;
    cab_create_comment(planner, new);
}
