/*
 * Annotations: `@api(word, word(arg), …)` after the human text of a comment.  The vocabulary is closed and the parser
 * strict, because a word that is passed over could open what was meant to be closed.  Knows no database.
 */
#include <cabinet/catalog.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

const struct cab_annotation_word cab_annotation_words[] = {
    { "expose", CAB_ON_TABLE, 0, 0, "the table or view exists for the API", false },
    { "readonly", CAB_ON_TABLE | CAB_ON_COLUMN, 0, 0,
      "nobody writes the table through the API; only admins write the column", false },
    { "admin", CAB_ON_TABLE | CAB_ON_COLUMN, 0, 0, "only admins read and write it", false },
    { "owner", CAB_ON_TABLE, 1, 1, "the column with the id of the user whose row it is", false },
    { "public_read", CAB_ON_TABLE, 0, 0, "everybody reads the rows, without a token too", false },
    { "soft_delete", CAB_ON_TABLE, 0, 0, "the table has a trash: column deleted_at", false },
    { "order", CAB_ON_TABLE, 1, 1, "the column lists are sorted by; a minus or desc turns it round", true },
    { "require_if_match", CAB_ON_TABLE, 0, 0, "changes need If-Match: column row_version", false },
    { "counted", CAB_ON_TABLE, 1, -1, "the columns by which exact totals are kept", false },
    { "key", CAB_ON_TABLE, 1, 1, "the column that names a row of a view, or of a table with a longer primary key",
      false },
    { "audit", CAB_ON_TABLE, 1, 1, "audit(off): changes of rows are not recorded", false },
    { "search", CAB_ON_COLUMN, 0, 0, "search= looks into the column", false },
    { "hidden", CAB_ON_COLUMN, 0, 0, "nobody reads or writes the column through the API", false },
    { "private", CAB_ON_COLUMN, 0, 0, "only the owner of the row and admins read and write the column", false },
    { "writeonce", CAB_ON_COLUMN, 0, 0, "the column is set when the row is created, and never again", false },
    { "public", CAB_ON_COLUMN, 0, 0, "every signed-in caller reads the column, of others' rows too", false },
    { "was", CAB_ON_TABLE | CAB_ON_COLUMN, 1, 1, "the name before it was renamed", false },
    { NULL, 0, 0, 0, NULL, false },
};

enum { WORDS = CAB_LENGTH(cab_annotation_words) - 1 };

struct parser {
    const void *ctx;
    const char *at, *object;
    enum cab_annotation_place place;
    struct cab_err *err;
};

static bool is_word_byte(char c) {
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static void skip_blanks(struct parser *p) {
    p->at += strspn(p->at, " \t\r\n");
}

static char *take_word(struct parser *p) {
    const char *from = p->at;
    while (is_word_byte(*p->at))
        p->at++;
    return p->at == from ? NULL : cab_strndup(p->ctx, from, (size_t)(p->at - from));
}

/*
 * Where the fence starts: 0 and its text after "@api(", or NULL where there is none.  What looks like a fence and is
 * none is refused.
 */
static int find_fence(struct parser *p, const char *comment, const char **fence_out, const char **inside_out) {
    static const char *const fence[] = { "api" };
    *fence_out = *inside_out = NULL;
    for (const char *sign = comment; (sign = strchr(sign, '@')) != NULL; sign++) {
        if (sign > comment && is_word_byte(sign[-1])) /* an e-mail address */
            continue;
        p->at = sign + 1;
        skip_blanks(p);
        bool is_apart = p->at != sign + 1;
        const char *word = take_word(p);
        if (word == NULL)
            continue;
        bool is_exact = strcmp(word, "api") == 0 && !is_apart;
        if (is_exact && *p->at == '(') {
            *fence_out = sign;
            *inside_out = p->at + 1;
            return 0;
        }
        skip_blanks(p);
        if (is_exact || (strcasecmp(word, "api") == 0 && *p->at == '(') ||
            (*p->at == '(' && cab_nearest(word, fence, 1) != NULL))
            return cab_fail(p->err, CAB_PROBLEM_INTERNAL,
                            "The comment on %s holds something like an annotation. Write @api(word, …), in lower "
                            "case and without blanks before the parenthesis.",
                            p->object);
    }
    return 0;
}

static int fail_unknown(struct parser *p, const char *word) {
    const char *candidates[WORDS];
    size_t n = 0;
    for (const struct cab_annotation_word *row = cab_annotation_words; row->word != NULL; row++)
        if (row->places & p->place)
            candidates[n++] = row->word;
    const char *near = cab_nearest(word, candidates, n);
    struct cab_buf all;
    cab_buf_init(&all, p->ctx, 255);
    for (size_t i = 0; i < n; i++)
        cab_buf_addf(&all, "%s%s", i == 0 ? "" : ", ", candidates[i]);
    if (near != NULL)
        return cab_fail(p->err, CAB_PROBLEM_INTERNAL,
                        "The annotation of %s has an unknown word \"%.40s\". Did you mean \"%s\"?", p->object, word,
                        near);
    return cab_fail(p->err, CAB_PROBLEM_INTERNAL, "The annotation of %s has an unknown word \"%.40s\". Known here: %s.",
                    p->object, word, all.data);
}

static const struct cab_annotation_word *find_word(struct parser *p, const char *word) {
    for (const struct cab_annotation_word *row = cab_annotation_words; row->word != NULL; row++) {
        if (strcmp(row->word, word) != 0)
            continue;
        if (row->places & p->place)
            return row;
        (void)cab_fail(p->err, CAB_PROBLEM_INTERNAL,
                       "The annotation word \"%s\" is for %s; %s is a %s. Move it to the comment of a %s.", word,
                       row->places == CAB_ON_TABLE ? "tables" : "columns", p->object,
                       p->place == CAB_ON_TABLE ? "table" : "column", row->places == CAB_ON_TABLE ? "table" : "column");
        return NULL;
    }
    (void)fail_unknown(p, word);
    return NULL;
}

/* "Quoted ""name""", as SQL writes it. */
static char *take_quoted(struct parser *p) {
    struct cab_buf name;
    cab_buf_init(&name, p->ctx, 31);
    for (p->at++;; p->at++) {
        if (*p->at == '\0')
            return NULL;
        if (*p->at == '"' && *++p->at != '"')
            return name.len == 0 ? NULL : name.data;
        cab_buf_addc(&name, *p->at);
    }
}

/* One argument; a descending one comes with a minus in front. */
static char *take_arg(struct parser *p, const struct cab_annotation_word *word) {
    bool is_descending = word->takes_direction && *p->at == '-';
    if (is_descending)
        p->at++;
    char *name = *p->at == '"' ? take_quoted(p) : take_word(p);
    if (name == NULL)
        return NULL;
    skip_blanks(p);
    if (word->takes_direction && !is_descending && is_word_byte(*p->at)) {
        const char *direction = take_word(p);
        is_descending = strcasecmp(direction, "desc") == 0;
        if (!is_descending && strcasecmp(direction, "asc") != 0)
            return NULL;
        skip_blanks(p);
    }
    return is_descending ? cab_printf(p->ctx, "-%s", name) : name;
}

/* ( arg, arg ) after a word that takes them. */
static int take_args(struct parser *p, struct cab_annotation *annotation) {
    const struct cab_annotation_word *word = annotation->word;
    const char **args = NULL;
    do {
        p->at++;
        skip_blanks(p);
        char *arg = take_arg(p, word);
        if (arg == NULL || (*p->at != ',' && *p->at != ')'))
            return cab_fail(p->err, CAB_PROBLEM_INTERNAL,
                            "The annotation word \"%s\" of %s has a malformed argument. Write %s(name), with names "
                            "that are not plain in double quotes.",
                            word->word, p->object, word->word);
        args = cab_mem_resize(p->ctx, args, (size_t)(annotation->n_args + 1) * sizeof *args);
        for (int i = 0; i < annotation->n_args; i++)
            if (strcmp(args[i], arg) == 0)
                return cab_fail(p->err, CAB_PROBLEM_INTERNAL, "The annotation word \"%s\" of %s names \"%.60s\" twice.",
                                word->word, p->object, arg);
        args[annotation->n_args++] = arg;
    } while (*p->at == ',');
    p->at++;
    annotation->args = args;
    return 0;
}

static int check_count(struct parser *p, const struct cab_annotation *annotation) {
    const struct cab_annotation_word *word = annotation->word;
    if (annotation->n_args >= word->min_args && (word->max_args < 0 || annotation->n_args <= word->max_args))
        return 0;
    const char *wanted = word->max_args == 0   ? "no argument"
                         : word->max_args == 1 ? "one argument"
                                               : "one argument or more";
    return cab_fail(p->err, CAB_PROBLEM_INTERNAL, "The annotation word \"%s\" of %s takes %s, not %d.", word->word,
                    p->object, wanted, annotation->n_args);
}

static int take_annotation(struct parser *p, struct cab_annotation **last) {
    skip_blanks(p);
    const char *text = take_word(p);
    if (text == NULL)
        return cab_fail(p->err, CAB_PROBLEM_INTERNAL,
                        "The annotation of %s is malformed near \"%.20s\". Write @api(word, word(argument)).",
                        p->object, p->at);
    const struct cab_annotation_word *word = find_word(p, text);
    if (word == NULL)
        return -1;
    for (; *last != NULL; last = &(*last)->next)
        if ((*last)->word == word)
            return cab_fail(p->err, CAB_PROBLEM_INTERNAL, "The annotation of %s holds \"%s\" twice.", p->object,
                            word->word);
    struct cab_annotation *made = cab_new(p->ctx, struct cab_annotation);
    made->word = word;
    *last = made;
    skip_blanks(p);
    if (*p->at == '(' && take_args(p, made) != 0)
        return -1;
    skip_blanks(p);
    return check_count(p, made);
}

/* Everything between the parentheses; leaves p behind the closing one. */
static int take_list(struct parser *p, struct cab_annotation **list) {
    for (;;) {
        if (take_annotation(p, list) != 0)
            return -1;
        char end = *p->at;
        if (end != ',' && end != ')')
            return cab_fail(p->err, CAB_PROBLEM_INTERNAL,
                            "The annotation of %s is malformed near \"%.20s\". Separate words by commas and close the "
                            "parenthesis.",
                            p->object, p->at);
        p->at++;
        if (end == ')')
            return 0;
    }
}

int cab_annotations_parse(void *ctx, const char *comment, enum cab_annotation_place place, const char *object,
                          const char **human_out, struct cab_annotation **list_out, struct cab_err *err) {
    struct parser p = { .ctx = ctx, .object = object, .place = place, .err = err };
    const char *fence, *inside;
    *human_out = NULL;
    *list_out = NULL;
    if (comment == NULL)
        return 0;
    if (find_fence(&p, comment, &fence, &inside) != 0)
        return -1;
    size_t len = fence == NULL ? strlen(comment) : (size_t)(fence - comment);
    while (len > 0 && isspace((unsigned char)comment[len - 1]))
        len--;
    if (len > 0)
        *human_out = cab_strndup(ctx, comment, len);
    if (fence == NULL)
        return 0;
    p.at = inside;
    if (take_list(&p, list_out) != 0)
        return -1;
    skip_blanks(&p);
    if (*p.at != '\0')
        return cab_fail(err, CAB_PROBLEM_INTERNAL,
                        "The comment on %s goes on after its annotation. Put the text before @api(…), and all words "
                        "into one.",
                        object);
    return 0;
}
