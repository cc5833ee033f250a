/*
 * Annotations in comments: what is taken is within the vocabulary and reads the same when written again; what is
 * refused has a reason.  And index expressions, searched for columns.
 */
#include "fuzz.h"

#include <cabinet/catalog.h>
#include <string.h>
#include "db/catalog_private.h"

const char *const fuzz_words[] = { "@api(", ")",   "(",      ",",    "expose",   "owner(", "order(",
                                   " desc", "-",   "\"",     "\"\"", "counted(", "search", "hidden",
                                   "@",     "api", "lower(", "::",   "'",        "''",     NULL };

static void add_arg(struct cab_buf *buf, const struct cab_annotation_word *word, const char *arg) {
    if (word->takes_direction && *arg == '-') {
        cab_buf_addc(buf, '-');
        arg++;
    }
    cab_buf_addc(buf, '"');
    for (; *arg != '\0'; arg++) {
        if (*arg == '"')
            cab_buf_addc(buf, '"');
        cab_buf_addc(buf, *arg);
    }
    cab_buf_addc(buf, '"');
}

static const char *write_again(void *mem, const char *human, const struct cab_annotation *list) {
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 255);
    cab_buf_addf(&buf, "%s%s@api(", human == NULL ? "" : human, human == NULL ? "" : " ");
    for (const struct cab_annotation *a = list; a != NULL; a = a->next) {
        cab_buf_addf(&buf, "%s%s", a == list ? "" : ", ", a->word->word);
        for (int i = 0; i < a->n_args; i++) {
            cab_buf_adds(&buf, i == 0 ? "(" : ", ");
            add_arg(&buf, a->word, a->args[i]);
        }
        if (a->n_args > 0)
            cab_buf_addc(&buf, ')');
    }
    cab_buf_addc(&buf, ')');
    return buf.data;
}

static void must_be_same(const struct cab_annotation *a, const struct cab_annotation *b) {
    for (; a != NULL && b != NULL; a = a->next, b = b->next) {
        FUZZ_MUST(a->word == b->word && a->n_args == b->n_args);
        for (int i = 0; i < a->n_args; i++)
            FUZZ_MUST(strcmp(a->args[i], b->args[i]) == 0);
    }
    FUZZ_MUST(a == NULL && b == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_err err = { 0 };
    struct cab_annotation *list, *again;
    const char *human, *human_again, *text = cab_strndup(mem, (const char *)bytes, n);
    enum cab_annotation_place place = n > 0 && bytes[n - 1] % 2 == 0 ? CAB_ON_COLUMN : CAB_ON_TABLE;
    if (cab_annotations_parse(mem, text, place, "table public.t", &human, &list, &err) != 0) {
        FUZZ_MUST(err.problem == CAB_PROBLEM_INTERNAL && err.detail[0] != '\0');
    } else if (list != NULL) {
        for (const struct cab_annotation *a = list; a != NULL; a = a->next) {
            FUZZ_MUST((a->word->places & place) != 0 && a->n_args >= a->word->min_args);
            FUZZ_MUST(a->word->max_args < 0 || a->n_args <= a->word->max_args);
        }
        const char *written = write_again(mem, human, list);
        FUZZ_MUST(cab_annotations_parse(mem, written, place, "table public.t", &human_again, &again, &err) == 0);
        must_be_same(list, again);
    }
    (void)cab_expression_names(text, "email");
    cab_mem_free(mem);
    return 0;
}
