/*
 * The lexer and splitter on any bytes: they end, and tokens and statements lie inside the text, in order.
 */
#include "fuzz.h"

#include <migrate/lexer.h>

const char *const fuzz_words[] = {
    "'", "\"", "$$", "$a$", "--", "/*", "*/", "E'", "U&\"", "\\", "\n", ";", "(", ")", "CREATE", "FUNCTION", "BEGIN",
    "ATOMIC", "CASE", "END", "COPY", "FROM", "STDIN", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data, *at = text;
    struct cab_lexer lexer;
    struct cab_token token;
    struct cab_statement statement;
    struct cab_split_error error;
    cab_lexer_init(&lexer, text, size, 1);
    while (cab_lexer_next(&lexer, &token)) {
        FUZZ_MUST(token.text >= at && token.text + token.len <= text + size && token.len > 0);
        at = token.text + token.len;
    }
    cab_lexer_init(&lexer, text, size, 1);
    while (cab_lexer_statement(&lexer, &statement, &error) == CAB_SPLIT_STATEMENT) {
        char words[64];
        FUZZ_MUST(statement.text >= text && statement.text + statement.len <= text + size && statement.len > 0);
        cab_statement_words(&statement, 3, words, sizeof(words));
    }
    return 0;
}
