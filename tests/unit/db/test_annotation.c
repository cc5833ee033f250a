/*
 * The annotation parser: what it takes, and what it refuses with which words.
 */
#include <cabinet/catalog.h>
#include <criterion/criterion.h>
#include <string.h>

/* The annotations as `word(arg,arg) word`. */
static const char *flat(void *ctx, const struct cab_annotation *list) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 63);
    for (; list != NULL; list = list->next) {
        cab_buf_addf(&buf, "%s%s", buf.len == 0 ? "" : " ", list->word->word);
        for (int i = 0; i < list->n_args; i++)
            cab_buf_addf(&buf, "%s%s%s", i == 0 ? "(" : ",", list->args[i], i == list->n_args - 1 ? ")" : "");
    }
    return buf.data;
}

static const struct { enum cab_annotation_place place; const char *comment, *human, *list;
} good[] = {
    { CAB_ON_TABLE, NULL, NULL, "" },
    { CAB_ON_TABLE, "", NULL, "" },
    { CAB_ON_TABLE, "Only text.", "Only text.", "" },
    { CAB_ON_TABLE, "@api(expose)", NULL, "expose" },
    { CAB_ON_TABLE, "A note. @api(expose, owner(owner_id), soft_delete)", "A note.",
      "expose owner(owner_id) soft_delete" },
    { CAB_ON_TABLE, "A note.\n\n@api( expose ,\n  owner ( owner_id ) )\n", "A note.", "expose owner(owner_id)" },
    { CAB_ON_TABLE, "Write to me@api.example or a@api(b). @api(readonly)", "Write to me@api.example or a@api(b).",
      "readonly" },
    { CAB_ON_TABLE, "See @someone and @ home. @api(admin)", "See @someone and @ home.", "admin" },
    { CAB_ON_TABLE, "@api(counted(a, b,c), order(-date_created))", NULL, "counted(a,b,c) order(-date_created)" },
    { CAB_ON_TABLE, "@api(order(a desc))", NULL, "order(-a)" },
    { CAB_ON_TABLE, "@api(order(a ASC), key(b))", NULL, "order(a) key(b)" },
    { CAB_ON_TABLE, "@api(owner(\"Odd \"\"name\"\"\"))", NULL, "owner(Odd \"name\")" },
    { CAB_ON_TABLE, "@api(owner(größe), public_read, require_if_match, audit(off), was(old))", NULL,
      "owner(größe) public_read require_if_match audit(off) was(old)" },
    { CAB_ON_COLUMN, "Größe in cm. @api(private, search)", "Größe in cm.", "private search" },
    { CAB_ON_COLUMN, "@api(hidden)", NULL, "hidden" },
    { CAB_ON_COLUMN, "@api(writeonce, public, readonly, admin, was(x))", NULL,
      "writeonce public readonly admin was(x)" },
};

static const struct { enum cab_annotation_place place; const char *comment, *says; } bad[] = {
    { CAB_ON_TABLE, "@api(exposed)", "Did you mean \"expose\"?" },
    { CAB_ON_TABLE, "@api(softdelete)", "Did you mean \"soft_delete\"?" },
    { CAB_ON_COLUMN, "@api(serach)", "Did you mean \"search\"?" },
    { CAB_ON_COLUMN, "@api(zzzzzzzz)", "Known here: readonly, admin, search" },
    { CAB_ON_TABLE, "@api(search)", "is for columns" },
    { CAB_ON_COLUMN, "@api(expose)", "is for tables" },
    { CAB_ON_TABLE, "@api()", "malformed" },
    { CAB_ON_TABLE, "@api(expose,)", "malformed" },
    { CAB_ON_TABLE, "@api(expose", "close the parenthesis" },
    { CAB_ON_TABLE, "@api(expose;admin)", "malformed near \";admin)\"" },
    { CAB_ON_TABLE, "@api(expose admin)", "Separate words by commas" },
    { CAB_ON_TABLE, "@api expose", "something like an annotation" },
    { CAB_ON_TABLE, "@API(expose)", "in lower case" },
    { CAB_ON_TABLE, "@api (expose)", "without blanks" },
    { CAB_ON_TABLE, "@ api(expose)", "without blanks" },
    { CAB_ON_TABLE, "@app(expose)", "something like an annotation" },
    { CAB_ON_TABLE, "@apis(expose)", "something like an annotation" },
    { CAB_ON_TABLE, "@api(expose) and more", "goes on after its annotation" },
    { CAB_ON_TABLE, "@api(expose) @api(admin)", "goes on after its annotation" },
    { CAB_ON_TABLE, "@api(expose))", "goes on after its annotation" },
    { CAB_ON_TABLE, "@api(expose, expose)", "holds \"expose\" twice" },
    { CAB_ON_TABLE, "@api(expose(a))", "takes no argument, not 1" },
    { CAB_ON_TABLE, "@api(owner)", "takes one argument, not 0" },
    { CAB_ON_TABLE, "@api(owner())", "malformed argument" },
    { CAB_ON_TABLE, "@api(owner(a, b))", "takes one argument, not 2" },
    { CAB_ON_TABLE, "@api(counted)", "takes one argument or more" },
    { CAB_ON_TABLE, "@api(counted(a, a))", "names \"a\" twice" },
    { CAB_ON_TABLE, "@api(owner(-a))", "malformed argument" },
    { CAB_ON_TABLE, "@api(owner(a desc))", "malformed argument" },
    { CAB_ON_TABLE, "@api(order(a up))", "malformed argument" },
    { CAB_ON_TABLE, "@api(owner(\"a))", "malformed argument" },
    { CAB_ON_TABLE, "@api(owner(\"\"))", "malformed argument" },
    { CAB_ON_TABLE, "@api(owner(a)", "close the parenthesis" },
    { CAB_ON_TABLE, "@api(Expose)", "Did you mean \"expose\"?" },
};

Test(annotation, takes_what_is_well_formed) {
    void *ctx = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(good); i++) {
        struct cab_err err = { 0 };
        struct cab_annotation *list;
        const char *human;
        cr_assert_eq(cab_annotations_parse(ctx, good[i].comment, good[i].place, "table public.x", &human, &list, &err),
                     0, "%s: %s", good[i].comment, err.detail);
        cr_assert_str_eq(flat(ctx, list), good[i].list);
        cr_assert_eq(human == NULL, good[i].human == NULL, "%s", good[i].comment);
        if (human != NULL)
            cr_assert_str_eq(human, good[i].human);
    }
    cab_mem_free(ctx);
}

Test(annotation, refuses_everything_else_with_a_remedy) {
    void *ctx = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(bad); i++) {
        struct cab_err err = { 0 };
        struct cab_annotation *list;
        const char *human;
        cr_assert_eq(cab_annotations_parse(ctx, bad[i].comment, bad[i].place, "table public.x", &human, &list, &err),
                     -1, "%s", bad[i].comment);
        cr_assert_not_null(strstr(err.detail, bad[i].says), "%s: %s", bad[i].comment, err.detail);
        cr_assert_not_null(strstr(err.detail, "public.x"), "names the object: %s", err.detail);
    }
    cab_mem_free(ctx);
}

Test(annotation, the_vocabulary_is_complete) {
    static const char *const words[] = { "expose",      "readonly",    "admin",   "owner",
                                         "public_read", "soft_delete", "order",   "require_if_match",
                                         "counted",     "key",         "was",     "audit",
                                         "search",      "hidden",      "private", "writeonce",
                                         "public" };
    size_t n = 0;
    for (const struct cab_annotation_word *row = cab_annotation_words; row->word != NULL; row++, n++) {
        size_t i = 0;
        while (i < CAB_LENGTH(words) && strcmp(words[i], row->word) != 0)
            i++;
        cr_assert_lt(i, CAB_LENGTH(words), "%s", row->word);
        cr_assert_not_null(row->doc);
        cr_assert_neq(row->places, 0);
    }
    cr_assert_eq(n, CAB_LENGTH(words));
}
