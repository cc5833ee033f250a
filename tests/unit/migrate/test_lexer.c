/*
 * The lexer and the statement splitter, by tables.
 */
#include <criterion/criterion.h>
#include <migrate/lexer.h>
#include <stdio.h>
#include <string.h>

/* Tokens of text as letters: w word, q quoted name, s string, d dollar, n number, p parameter, l and b comments, ! bad,
 * other bytes as they are. */
static void kinds(const char *text, char *out, size_t size) {
    static const char letters[] = {[CAB_TOKEN_WORD] = 'w', [CAB_TOKEN_QUOTED] = 'q', [CAB_TOKEN_STRING] = 's',
                                   [CAB_TOKEN_DOLLAR] = 'd', [CAB_TOKEN_NUMBER] = 'n', [CAB_TOKEN_PARAM] = 'p',
                                   [CAB_TOKEN_LINE] = 'l', [CAB_TOKEN_BLOCK] = 'b', [CAB_TOKEN_BAD] = '!'};
    struct cab_lexer lexer;
    struct cab_token token;
    size_t n = 0;
    cab_lexer_init(&lexer, text, strlen(text), 1);
    while (cab_lexer_next(&lexer, &token) && n + 1 < size)
        out[n++] = token.kind == CAB_TOKEN_CHAR ? *token.text : letters[token.kind];
    out[n] = '\0';
}

Test(lexer, tokens) {
    static const struct { const char *text, *kinds; } rows[] = {
        {"", ""},
        {" \t\r\n\f", ""},
        {"select a1, b_$c", "ww,w"},
        {"'it''s'", "s"},
        {"'back\\' x", "sw"},
        {"E'back\\' x'", "s"},
        {"e'\\\\' x", "sw"},
        {"B'01' X'ff' N'a' U&'d\\0061t'", "ssss"},
        {"'one'\n  'two'", "s"},
        {"'one' 'two'", "ss"},
        {"E'one'\n'tw\\'o'", "s"},
        {"'one' -- why\n 'two'", "s"},
        {"'one' -- why", "sl"},
        {"\"a\"\"b\" U&\"c\"", "qq"},
        {"$$ ; ' $$", "d"},
        {"$a$ $$ $b$ $a$", "d"},
        {"$a$ $A$ $a$", "d"},
        {"a$b$c", "w"},
        {"$1 $12", "pp"},
        {"$ $$x$$", "$d"},
        {"$\xc3\xa9$ x $\xc3\xa9$", "d"},
        {"1 1.5 .5 1e10 1.e-3 0x1F 1_000", "nnnnnnn"},
        {"1..10", "n.n"},
        {"a.b::text", "w.w::w"},
        {"-- x\ny", "lw"},
        {"a--b", "wl"},
        {"/* a /* b */ c */ d", "bw"},
        {"a/*b*/c", "wbw"},
        {"a - -1", "w--n"},
        {"'open", "!"},
        {"\"open", "!"},
        {"/* /* */", "!"},
        {"$x$ open $y$", "!"},
        {"é", "w"},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        char got[64];
        kinds(rows[i].text, got, sizeof(got));
        cr_expect_str_eq(got, rows[i].kinds, "<%s>: %s, not %s", rows[i].text, got, rows[i].kinds);
    }
}

Test(lexer, tokens_know_line_and_margin) {
    struct cab_lexer lexer;
    struct cab_token token;
    const char *text = "a\n b\n/*\n*/ 'x\ny' c\n-- d";
    static const struct { int line; bool at_margin; } rows[] = {{1, true}, {2, false}, {3, true},
                                                                {4, false}, {5, false}, {6, true}};
    cab_lexer_init(&lexer, text, strlen(text), 1);
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        cr_assert(cab_lexer_next(&lexer, &token));
        cr_expect_eq(token.line, rows[i].line, "token %zu: line %d", i, token.line);
        cr_expect_eq(token.at_margin, rows[i].at_margin, "token %zu", i);
    }
    cr_assert_not(cab_lexer_next(&lexer, &token));
}

Test(lexer, zero_bytes_are_refused) {
    static const char *const texts[] = {"a \0 b", "'a\0'", "\"a\0\"", "$$a\0$$"};
    static const size_t lengths[] = {5, 4, 4, 6};
    for (size_t i = 0; i < CAB_LENGTH(texts); i++) {
        struct cab_lexer lexer;
        struct cab_token token;
        bool is_bad = false;
        cab_lexer_init(&lexer, texts[i], lengths[i], 1);
        while (cab_lexer_next(&lexer, &token))
            is_bad = is_bad || token.kind == CAB_TOKEN_BAD;
        cr_expect(is_bad, "row %zu", i);
    }
}

/* Statements of text joined by "|"; an error as "!line what". */
static void split(const char *text, char *out, size_t size) {
    struct cab_lexer lexer;
    struct cab_statement statement;
    struct cab_split_error error;
    enum cab_split got;
    size_t n = 0;
    out[0] = '\0';
    cab_lexer_init(&lexer, text, strlen(text), 1);
    while ((got = cab_lexer_statement(&lexer, &statement, &error)) == CAB_SPLIT_STATEMENT)
        n += (size_t)snprintf(out + n, size - n, "%s%d:%.*s", n > 0 ? "|" : "", statement.line, (int)statement.len,
                              statement.text);
    if (got == CAB_SPLIT_ERROR)
        snprintf(out + n, size - n, "!%d %s", error.line, error.what);
}

Test(lexer, statements) {
    static const struct { const char *text, *parts; } rows[] = {
        {"", ""},
        {"-- only\n/* comments */ ;;", ""},
        {"a; b", "1:a|1:b"},
        {"a;\n\n b ;", "1:a|3:b"},
        {"-- head\na /* in */ b; -- tail\n", "2:a /* in */ b"},
        {"do $$ begin; end $$; x", "1:do $$ begin; end $$|1:x"},
        {"create rule r as on insert to t do (a; b); c", "1:create rule r as on insert to t do (a; b)|1:c"},
        {"create function f() begin atomic a; b; end; c", "1:create function f() begin atomic a; b; end|1:c"},
        {"create or replace procedure p() begin atomic select case when x then y end; end; c",
         "1:create or replace procedure p() begin atomic select case when x then y end; end|1:c"},
        {"begin; end; c", "1:begin|1:end|1:c"},
        {"create table t (\"begin\" int); c", "1:create table t (\"begin\" int)|1:c"},
        {"select 'a;b'; c", "1:select 'a;b'|1:c"},
        {"a;\n\\d\nb", "1:a!2 psql commands are not possible here; only SQL is"},
        {"copy t from stdin;", "!1 COPY from standard input is not possible here; write INSERT"},
        {"copy t from '/file'; a", "1:copy t from '/file'|1:a"},
        {"create table stdin (a int); select 1 from stdin", "1:create table stdin (a int)|1:select 1 from stdin"},
        {"a (b;\nc", "!1 opening bracket without a closing one"},
        {"a)", "!1 closing bracket without an opening one"},
        {"a;\nb 'c", "1:a!2 string is not ended"},
        {"create function f() begin atomic a;", "!1 BEGIN ATOMIC without END"},
        {"select a[1:2]; b", "1:select a[1:2]|1:b"},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        char got[512];
        split(rows[i].text, got, sizeof(got));
        cr_expect_str_eq(got, rows[i].parts, "<%s>: <%s>, not <%s>", rows[i].text, got, rows[i].parts);
    }
}

Test(lexer, first_words) {
    static const struct { const char *text; int most; const char *words; } rows[] = {
        {"create unique index concurrently a on b", 3, "CREATE UNIQUE INDEX"},
        {"alter /* x */ table \"Odd\".t", 3, "ALTER TABLE \"Odd\""},
        {"select 'a'", 3, "SELECT"},
        {"(select 1)", 3, ""},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        struct cab_statement statement = {.text = rows[i].text, .len = strlen(rows[i].text), .line = 1};
        char got[64];
        cab_statement_words(&statement, rows[i].most, got, sizeof(got));
        cr_expect_str_eq(got, rows[i].words);
    }
}
