/*
 * What a statement outside a transaction may have left behind: looks at the effect, never at a guess.  Reads names with
 * the lexer; whether the index is whole the server says.
 */
#include "concurrent.h"
#include "statements.h"

#include <string.h>

/* The next token that is no comment. */
static bool next(struct cab_lexer *lexer, struct cab_token *token) {
    while (cab_lexer_next(lexer, token)) {
        if (token->kind != CAB_TOKEN_LINE && token->kind != CAB_TOKEN_BLOCK)
            return true;
    }
    return false;
}

bool cab_is_concurrent(const struct cab_statement *statement) {
    struct cab_lexer lexer;
    struct cab_token token;
    int depth = 0;
    cab_lexer_init(&lexer, statement->text, statement->len, 1);
    while (next(&lexer, &token)) {
        if (token.kind == CAB_TOKEN_CHAR)
            depth += *token.text == '(' ? 1 : *token.text == ')' ? -1 : 0;
        if (depth == 0 && cab_token_is(&token, "concurrently"))
            return true;
    }
    return false;
}

static bool is_name(const struct cab_token *token) {
    return token->kind == CAB_TOKEN_WORD || token->kind == CAB_TOKEN_QUOTED;
}

static bool is_char(const struct cab_token *token, char c) {
    return token->kind == CAB_TOKEN_CHAR && *token->text == c;
}

bool cab_concurrent_index(const void *ctx, const struct cab_statement *statement, const char **index_out,
                          const char **table_out) {
    static const char *const words[] = {"create", "index", "concurrently"};
    struct cab_lexer lexer;
    struct cab_token token, index, table, part;
    size_t at = 0;
    cab_lexer_init(&lexer, statement->text, statement->len, 1);
    while (at < CAB_LENGTH(words)) {
        if (!next(&lexer, &token))
            return false;
        if (cab_token_is(&token, words[at]))
            at++;
        else if (at != 1 || !cab_token_is(&token, "unique"))
            return false;
    }
    if (!next(&lexer, &index) || !is_name(&index))
        return false;
    if (cab_token_is(&index, "if") && !(next(&lexer, &token) && next(&lexer, &token) && next(&lexer, &index)))
        return false;
    if (cab_token_is(&index, "on") || !next(&lexer, &token) || !cab_token_is(&token, "on") || !next(&lexer, &table))
        return false;
    if (cab_token_is(&table, "only") && !next(&lexer, &table))
        return false;
    if (next(&lexer, &token) && is_char(&token, '.') && next(&lexer, &part)) {
        *index_out = cab_printf(ctx, "%.*s.%.*s", (int)table.len, table.text, (int)index.len, index.text);
        *table_out = cab_printf(ctx, "%.*s.%.*s", (int)table.len, table.text, (int)part.len, part.text);
        return true;
    }
    *index_out = cab_strndup(ctx, index.text, index.len);
    *table_out = cab_strndup(ctx, table.text, table.len);
    return true;
}

int cab_concurrent_prepare(void *ctx, struct cab_db *db, const struct cab_statement *statement, bool was_interrupted,
                           bool *is_done_out, struct cab_err *err) {
    const char *names[2];
    struct cab_result *result;
    *is_done_out = false;
    if (!cab_concurrent_index(ctx, statement, &names[0], &names[1]))
        return 0;
    if (cab_db_query(db, ctx, CAB_SHAPE_MAYBE, cab_sql_text_migrate_index, 2, names, &result, err) != 0)
        return -1;
    if (cab_result_rows(result) == 0)
        return 0;
    if (!cab_result_bool(result, 0, 1))
        return 0;
    if (cab_result_bool(result, 0, 0)) {
        *is_done_out = was_interrupted;
        return 0;
    }
    return cab_db_exec(db, cab_printf(ctx, "DROP INDEX CONCURRENTLY %s", names[0]), err);
}

bool cab_is_done_already(const struct cab_statement *statement, const char *sqlstate) {
    static const char *const exists[] = {"42P06", "42P07", "42701", "42710", "42723"};
    static const char *const missing[] = {"3F000", "42P01", "42703", "42704", "42883"};
    char words[64];
    cab_statement_words(statement, 1, words, sizeof(words));
    bool drops = strcmp(words, "DROP") == 0;
    if (!drops && strcmp(words, "CREATE") != 0 && strcmp(words, "ALTER") != 0)
        return false;
    for (size_t i = 0; i < CAB_LENGTH(exists); i++) {
        if (strcmp(sqlstate, drops ? missing[i] : exists[i]) == 0)
            return true;
    }
    return false;
}
