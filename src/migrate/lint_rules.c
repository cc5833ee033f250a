/*
 * The rules of lint.  A statement is its tokens; actions of ALTER TABLE are cut at commas outside brackets.
 */
#include "lint.h"

#include <string.h>

struct statement {
    struct cab_token *tokens;
    int n;
    int line;
};

struct linter {
    void *ctx;
    struct cab_findings *findings;
    const struct cab_segment *segment;
    struct statement s;
    const char **made; int n_made;         /* tables that the revision made itself */
    const char **not_valid; int n_not_valid; /* tables with constraints made NOT VALID in this segment */
    const char **checked; int n_checked;   /* tables with a constraint validated before */
};

static bool is(const struct linter *l, int i, const char *word) {
    return i >= 0 && i < l->s.n && cab_token_is(&l->s.tokens[i], word);
}

static bool is_char(const struct linter *l, int i, char c) {
    return i >= 0 && i < l->s.n && l->s.tokens[i].kind == CAB_TOKEN_CHAR && l->s.tokens[i].text[0] == c;
}

/* Whether words (ended by blanks) follow at i. */
static bool follows(const struct linter *l, int i, const char *words) {
    char word[32];
    for (; *words != '\0'; i++) {
        size_t n = strcspn(words, " ");
        memcpy(word, words, n);
        word[n] = '\0';
        if (!is(l, i, word))
            return false;
        words += n + (words[n] == ' ');
    }
    return true;
}

/* First place of words in from..to, outside brackets; -1 where they are not. */
static int find(const struct linter *l, int from, int to, const char *words) {
    int depth = 0;
    for (int i = from; i < to; i++) {
        if (is_char(l, i, '('))
            depth++;
        else if (is_char(l, i, ')'))
            depth--;
        else if (depth == 0 && follows(l, i, words))
            return i;
    }
    return -1;
}

/* The name at *at as "schema.name", public where no schema is written; *at is left behind it. */
static const char *take_name(const struct linter *l, int *at) {
    struct cab_buf buf;
    int parts = 0;
    cab_buf_init(&buf, l->ctx, 64);
    while (*at < l->s.n) {
        const struct cab_token *t = &l->s.tokens[*at];
        if (t->kind != CAB_TOKEN_WORD && t->kind != CAB_TOKEN_QUOTED)
            break;
        for (size_t i = 0; i < t->len; i++) {
            bool folds = t->kind == CAB_TOKEN_WORD && t->text[i] >= 'A' && t->text[i] <= 'Z';
            cab_buf_addc(&buf, folds ? (char)(t->text[i] + 32) : t->text[i]);
        }
        parts++;
        ++*at;
        if (!is_char(l, *at, '.'))
            break;
        cab_buf_addc(&buf, '.');
        ++*at;
    }
    return parts == 1 ? cab_printf(l->ctx, "public.%s", buf.data) : buf.data;
}

/* A name of one word, as written. */
static const char *take_word(const struct linter *l, int *at) {
    const char *name = take_name(l, at);
    return strncmp(name, "public.", 7) == 0 ? name + 7 : name;
}

static int skip(const struct linter *l, int at, const char *words) {
    if (!follows(l, at, words))
        return at;
    for (at++; *words != '\0'; words++)
        at += *words == ' ';
    return at;
}

static bool among(const char *const *list, int n, const char *name) {
    for (int i = 0; i < n; i++) {
        if (strcmp(list[i], name) == 0)
            return true;
    }
    return false;
}

static void remember(struct linter *l, const char ***list, int *n, const char *name) {
    *list = cab_mem_resize(l->ctx, *list, (size_t)(*n + 1) * sizeof(**list));
    (*list)[(*n)++] = name;
}

static bool is_new(const struct linter *l, const char *table) {
    return among(l->made, l->n_made, table);
}

static void tell(struct linter *l, const char *rule, const char *class, const char *object, const char *advice) {
    struct cab_findings *f = l->findings;
    f->items = cab_mem_resize(l->ctx, f->items, (size_t)(f->n + 1) * sizeof(*f->items));
    f->items[f->n++] = (struct cab_finding){.rule = rule, .class = class, .object = object, .advice = advice,
                                            .line = l->s.line, .direction = l->segment->direction};
}

static const char *member(const struct linter *l, const char *table, const char *name) {
    return cab_printf(l->ctx, "%s.%s", table, name);
}

/* ---- ALTER TABLE ---- */

static void lint_drop(struct linter *l, const char *table, int at) {
    if (is(l, at, "CONSTRAINT"))
        return;
    at = skip(l, skip(l, at, "COLUMN"), "IF EXISTS");
    const char *column = take_word(l, &at);
    if (column[0] != '\0')
        tell(l, "drop-column", "DATA_LOSS", member(l, table, column),
             "the column's values are lost; stop using it first");
}

static void lint_constraint(struct linter *l, const char *table, int at, int end) {
    const char *name = "constraint";
    if (is(l, at, "CONSTRAINT")) {
        at++;
        name = take_word(l, &at);
    }
    bool waits = find(l, at, end, "NOT VALID") >= 0, has_index = find(l, at, end, "USING INDEX") >= 0;
    if (waits)
        remember(l, &l->not_valid, &l->n_not_valid, table);
    if ((is(l, at, "FOREIGN") || is(l, at, "CHECK")) && !waits)
        tell(l, is(l, at, "CHECK") ? "check-without-not-valid" : "foreign-key-without-not-valid", "FULL_SCAN_LOCKED",
             member(l, table, name), "add it NOT VALID, and VALIDATE CONSTRAINT in a later segment");
    if ((is(l, at, "UNIQUE") || is(l, at, "PRIMARY")) && !has_index)
        tell(l, "unique-without-index", "BLOCKS_WRITES", member(l, table, name),
             "CREATE UNIQUE INDEX CONCURRENTLY first, then add the constraint USING INDEX");
    if (is(l, at, "EXCLUDE"))
        tell(l, "exclude-constraint", "BLOCKS_WRITES", member(l, table, name), "its index is built under a lock");
}

static void lint_new_column(struct linter *l, const char *table, int at, int end) {
    static const char *const serials[] = {"serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"};
    static const char *const volatiles[] = {"gen_random_uuid", "random", "clock_timestamp", "nextval",
                                            "uuid_generate_v4", "timeofday"};
    at = skip(l, skip(l, at, "COLUMN"), "IF NOT EXISTS");
    const char *column = member(l, table, take_word(l, &at));
    int value = find(l, at, end, "DEFAULT");
    bool rewrites = find(l, at, end, "GENERATED") >= 0;
    for (size_t i = 0; i < CAB_LENGTH(serials); i++)
        rewrites = rewrites || is(l, at, serials[i]);
    for (size_t i = 0; value >= 0 && i < CAB_LENGTH(volatiles); i++)
        rewrites = rewrites || find(l, value, end, volatiles[i]) >= 0;
    if (rewrites)
        tell(l, "rewriting-column", "TABLE_REWRITE", column,
             "every row is written anew under a lock; add it empty and fill it in batches");
    else if (find(l, at, end, "NOT NULL") >= 0 && value < 0)
        tell(l, "not-null-without-default", "MAY_FAIL_ON_DATA", column,
             "fails where rows are there; give a default, or fill it first");
    if (find(l, at, end, "REFERENCES") >= 0)
        tell(l, "inline-foreign-key", "FULL_SCAN_LOCKED", column,
             "add the foreign key NOT VALID in a statement of its own");
    if (find(l, at, end, "UNIQUE") >= 0 || find(l, at, end, "PRIMARY KEY") >= 0)
        tell(l, "inline-unique", "BLOCKS_WRITES", column,
             "build the index CONCURRENTLY, then add the constraint USING INDEX");
}

static void lint_alter_column(struct linter *l, const char *table, int at, int end) {
    at = skip(l, at, "COLUMN");
    const char *column = member(l, table, take_word(l, &at));
    if (is(l, at, "TYPE") || follows(l, at, "SET DATA TYPE"))
        tell(l, "change-type", "TABLE_REWRITE", column,
             "most type changes rewrite the table under a lock; add a new column instead");
    if (follows(l, at, "SET NOT NULL") && !among(l->checked, l->n_checked, table))
        tell(l, "set-not-null", "FULL_SCAN_LOCKED", column,
             "add CHECK (… IS NOT NULL) NOT VALID, VALIDATE it in a later segment, then SET NOT NULL");
    (void)end;
}

static void lint_action(struct linter *l, const char *table, int at, int end) {
    static const char *const elements[] = {"CONSTRAINT", "FOREIGN", "CHECK", "UNIQUE", "PRIMARY", "EXCLUDE"};
    bool is_element = false;
    for (size_t i = 0; i < CAB_LENGTH(elements); i++)
        is_element = is_element || is(l, at + 1, elements[i]);
    if (follows(l, at, "VALIDATE CONSTRAINT")) {
        if (among(l->not_valid, l->n_not_valid, table))
            tell(l, "validate-in-same-segment", "FULL_SCAN_LOCKED", table,
                 "VALIDATE CONSTRAINT belongs into a later segment");
        remember(l, &l->checked, &l->n_checked, table);
    } else if (is(l, at, "DROP") && !is_new(l, table)) {
        lint_drop(l, table, at + 1);
    } else if (is(l, at, "RENAME")) {
        bool is_harmless = is(l, at + 1, "CONSTRAINT");
        if (!is_new(l, table) && !is_harmless)
            tell(l, "rename", "BREAKS_OLD_APP", table, "programs that run still use the old name");
    } else if (is_new(l, table)) {
        return;
    } else if (is(l, at, "ADD")) {
        (is_element ? lint_constraint : lint_new_column)(l, table, at + 1, end);
    } else if (is(l, at, "ALTER")) {
        lint_alter_column(l, table, at + 1, end);
    } else if (follows(l, at, "SET TABLESPACE") || follows(l, at, "SET LOGGED") || follows(l, at, "SET UNLOGGED") ||
               follows(l, at, "SET ACCESS METHOD")) {
        tell(l, "rewriting-setting", "TABLE_REWRITE", table, "the table is copied under a lock");
    } else if (follows(l, at, "DETACH PARTITION") && find(l, at, end, "CONCURRENTLY") < 0) {
        tell(l, "detach-without-concurrently", "BLOCKS_WRITES", table,
             "DETACH PARTITION … CONCURRENTLY, in a segment no-transaction");
    }
}

static void lint_alter_table(struct linter *l) {
    int at = skip(l, skip(l, 2, "IF EXISTS"), "ONLY"), depth = 0;
    const char *table = take_name(l, &at);
    int from = at;
    for (int i = at; i <= l->s.n; i++) {
        depth += is_char(l, i, '(') - is_char(l, i, ')');
        if (i == l->s.n || (depth == 0 && is_char(l, i, ','))) {
            lint_action(l, table, from, i);
            from = i + 1;
        }
    }
}

/* ---- others ---- */

static void lint_create_index(struct linter *l) {
    int at = is(l, 1, "UNIQUE") ? 3 : 2, on = find(l, at, l->s.n, "ON");
    bool is_concurrent = is(l, at, "CONCURRENTLY");
    if (on < 0)
        return;
    int table_at = skip(l, on + 1, "ONLY");
    const char *table = take_name(l, &table_at);
    at = is_concurrent ? at + 1 : at;
    bool is_lenient = follows(l, at, "IF NOT EXISTS");
    at = skip(l, at, "IF NOT EXISTS");
    const char *name = on > at ? take_word(l, &at) : "index";
    if (!is_concurrent && !is_new(l, table))
        tell(l, "index-without-concurrently", "BLOCKS_WRITES", member(l, table, name),
             "CREATE INDEX CONCURRENTLY, in a segment no-transaction");
    if (is_concurrent && is_lenient)
        tell(l, "index-if-not-exists", "MAY_FAIL_ON_DATA", member(l, table, name),
             "IF NOT EXISTS accepts an invalid index that a failed try left behind");
}

static void lint_drop_objects(struct linter *l) {
    int at = 2;
    if (is(l, 1, "INDEX")) {
        bool is_concurrent = is(l, 2, "CONCURRENTLY");
        at = skip(l, is_concurrent ? 3 : 2, "IF EXISTS");
        if (!is_concurrent)
            tell(l, "drop-index-without-concurrently", "BLOCKS_WRITES", take_name(l, &at),
                 "DROP INDEX CONCURRENTLY, in a segment no-transaction");
    } else if (is(l, 1, "TABLE")) {
        at = skip(l, 2, "IF EXISTS");
        const char *table = take_name(l, &at);
        if (!is_new(l, table))
            tell(l, "drop-table", "DATA_LOSS", table, "the table and its rows are lost");
    } else if (is(l, 1, "SCHEMA") || is(l, 1, "DATABASE")) {
        at = skip(l, 2, "IF EXISTS");
        tell(l, "drop-schema", "DATA_LOSS", take_word(l, &at), "all that is in it may be lost");
    }
    if (find(l, 0, l->s.n, "CASCADE") >= 0) {
        at = skip(l, 2, "IF EXISTS");
        tell(l, "drop-cascade", "DATA_LOSS", take_name(l, &at), "CASCADE drops what nobody has named; drop one by one");
    }
}

static void lint_rows(struct linter *l) {
    int at;
    if (is(l, 0, "TRUNCATE")) {
        at = skip(l, skip(l, 1, "TABLE"), "ONLY");
        tell(l, "truncate", "DATA_LOSS", take_name(l, &at), "all rows are lost");
    } else if (follows(l, 0, "DELETE FROM") && find(l, 2, l->s.n, "WHERE") < 0) {
        at = skip(l, 2, "ONLY");
        tell(l, "delete-all", "DATA_LOSS", take_name(l, &at), "all rows are lost; say which by WHERE");
    } else if (is(l, 0, "UPDATE") && find(l, 1, l->s.n, "WHERE") < 0) {
        at = skip(l, 1, "ONLY");
        const char *table = take_name(l, &at);
        if (!is_new(l, table))
            tell(l, "update-all", "BLOCKS_WRITES", table,
                 "every row is locked until the end of the segment; work in batches");
    }
}

static void lint_maintenance(struct linter *l) {
    int at;
    if (follows(l, 0, "VACUUM FULL") || is(l, 0, "CLUSTER")) {
        at = is(l, 0, "CLUSTER") ? 1 : 2;
        tell(l, "rewriting-maintenance", "TABLE_REWRITE", take_name(l, &at), "the table is copied under a lock");
    } else if (is(l, 0, "REINDEX") && find(l, 1, l->s.n, "CONCURRENTLY") < 0) {
        at = 2;
        tell(l, "reindex-without-concurrently", "BLOCKS_WRITES", take_name(l, &at),
             "REINDEX … CONCURRENTLY, in a segment no-transaction");
    } else if (follows(l, 0, "REFRESH MATERIALIZED VIEW") && !is(l, 3, "CONCURRENTLY")) {
        at = 3;
        tell(l, "refresh-without-concurrently", "BLOCKS_WRITES", take_name(l, &at),
             "readers wait; REFRESH … CONCURRENTLY");
    } else if (is(l, 0, "LOCK")) {
        at = skip(l, 1, "TABLE");
        tell(l, "lock-table", "BLOCKS_WRITES", take_name(l, &at), "others wait until the segment ends");
    }
}

static void lint_statement(struct linter *l) {
    if (l->segment->is_transaction && (follows(l, 0, "CREATE") || follows(l, 0, "DROP") || follows(l, 0, "REINDEX") ||
                                       follows(l, 0, "ALTER")) && find(l, 1, l->s.n, "CONCURRENTLY") >= 0)
        tell(l, "concurrently-in-transaction", "MAY_FAIL_ON_DATA", "segment",
             "write \"no-transaction\" behind the segment's marker");
    if (follows(l, 0, "CREATE TABLE") || follows(l, 0, "CREATE UNLOGGED TABLE")) {
        int at = skip(l, is(l, 1, "TABLE") ? 2 : 3, "IF NOT EXISTS");
        remember(l, &l->made, &l->n_made, take_name(l, &at));
    }
    if (l->segment->direction == CAB_DOWNGRADE) /* it takes away what the upgrade gave */
        return;
    if (follows(l, 0, "ALTER TABLE"))
        lint_alter_table(l);
    else if (follows(l, 0, "CREATE INDEX") || follows(l, 0, "CREATE UNIQUE INDEX"))
        lint_create_index(l);
    else if (is(l, 0, "DROP"))
        lint_drop_objects(l);
    lint_rows(l);
    lint_maintenance(l);
}

static void take_tokens(struct linter *l, const struct cab_statement *statement) {
    struct cab_lexer lexer;
    struct cab_token token;
    int cap = 0;
    l->s = (struct statement){.line = statement->line};
    cab_lexer_init(&lexer, statement->text, statement->len, statement->line);
    while (cab_lexer_next(&lexer, &token)) {
        if (token.kind == CAB_TOKEN_LINE || token.kind == CAB_TOKEN_BLOCK)
            continue;
        if (l->s.n == cap) {
            cap = cap == 0 ? 64 : cap * 2;
            l->s.tokens = cab_mem_resize(l->ctx, l->s.tokens, (size_t)cap * sizeof(*l->s.tokens));
        }
        l->s.tokens[l->s.n++] = token;
    }
}

void cab_lint_revision(void *ctx, const struct cab_revision *revision, struct cab_findings *findings) {
    struct linter l = {.ctx = ctx, .findings = findings};
    *findings = (struct cab_findings){0};
    for (int i = 0; i < revision->n_segments; i++) {
        l.segment = &revision->segments[i];
        l.n_not_valid = 0;
        for (int k = 0; k < l.segment->n_statements; k++) {
            take_tokens(&l, &l.segment->statements[k]);
            lint_statement(&l);
        }
    }
}
