/*
 * PostgreSQL's lexical rules (its scan.l, with standard_conforming_strings on) and psql's rule for routine bodies in
 * BEGIN ATOMIC.  Knows nothing of grammar beyond the words that open and close such a body.
 */
#include "lexer.h"

#include <string.h>
#include <strings.h>

static bool is_word_start(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}

static bool is_word_part(unsigned char c) {
    return is_word_start(c) || is_digit(c) || c == '$';
}

static bool is_space(unsigned char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

void cab_lexer_init(struct cab_lexer *lexer, const char *text, size_t len, int first_line) {
    *lexer = (struct cab_lexer){.at = text, .end = text + len, .margin = text, .line = first_line};
}

static int peek(const struct cab_lexer *lx, size_t ahead) {
    return (size_t)(lx->end - lx->at) > ahead ? (unsigned char)lx->at[ahead] : -1;
}

static void step(struct cab_lexer *lx) {
    if (*lx->at++ == '\n') {
        lx->line++;
        lx->margin = lx->at;
    }
}

static bool finish(struct cab_lexer *lx, struct cab_token *token, enum cab_token_kind kind) {
    token->kind = kind;
    token->len = (size_t)(lx->at - token->text);
    return true;
}

static bool bad(struct cab_lexer *lx, struct cab_token *token, const char *error) {
    token->error = error;
    lx->at = lx->end;
    return finish(lx, token, CAB_TOKEN_BAD);
}

/* At a string's end: whether only white space with a newline in it, and line comments, stand before another quote. */
static bool continues(struct cab_lexer *lx) {
    struct cab_lexer ahead = *lx;
    bool newline = false;
    while (ahead.at < ahead.end) {
        if (peek(&ahead, 0) == '-' && peek(&ahead, 1) == '-') {
            while (ahead.at < ahead.end && *ahead.at != '\n' && *ahead.at != '\r')
                ahead.at++;
        } else if (is_space((unsigned char)*ahead.at)) {
            newline = newline || *ahead.at == '\n' || *ahead.at == '\r';
            step(&ahead);
        } else {
            break;
        }
    }
    if (!newline || peek(&ahead, 0) != '\'')
        return false;
    *lx = ahead;
    return true;
}

/* At the opening quote. */
static bool string(struct cab_lexer *lx, struct cab_token *token, bool escapes) {
    do {
        lx->at++;
        for (;;) {
            if (lx->at >= lx->end)
                return bad(lx, token, "string is not ended");
            if (*lx->at == '\0')
                return bad(lx, token, "zero byte");
            if (*lx->at == '\'') {
                lx->at++;
                if (peek(lx, 0) != '\'')
                    break;
                lx->at++;
            } else if (escapes && *lx->at == '\\' && peek(lx, 1) >= 0) {
                lx->at++;
                step(lx);
            } else {
                step(lx);
            }
        }
    } while (continues(lx));
    return finish(lx, token, CAB_TOKEN_STRING);
}

static bool quoted(struct cab_lexer *lx, struct cab_token *token) {
    lx->at++;
    for (;;) {
        if (lx->at >= lx->end)
            return bad(lx, token, "quoted name is not ended");
        if (*lx->at == '\0')
            return bad(lx, token, "zero byte");
        if (*lx->at == '"') {
            lx->at++;
            if (peek(lx, 0) != '"')
                return finish(lx, token, CAB_TOKEN_QUOTED);
        }
        step(lx);
    }
}

static bool block(struct cab_lexer *lx, struct cab_token *token) {
    int depth = 0;
    for (;;) {
        if (lx->at >= lx->end)
            return bad(lx, token, "comment is not ended");
        if (peek(lx, 0) == '/' && peek(lx, 1) == '*') {
            lx->at += 2;
            depth++;
        } else if (peek(lx, 0) == '*' && peek(lx, 1) == '/') {
            lx->at += 2;
            if (--depth == 0)
                return finish(lx, token, CAB_TOKEN_BLOCK);
        } else {
            step(lx);
        }
    }
}

/* At a dollar sign: a body, a parameter or a lone byte. */
static bool dollar(struct cab_lexer *lx, struct cab_token *token) {
    const char *tag_end = lx->at + 1;
    if (tag_end < lx->end && is_digit((unsigned char)*tag_end)) {
        while (tag_end < lx->end && is_digit((unsigned char)*tag_end))
            tag_end++;
        lx->at = tag_end;
        return finish(lx, token, CAB_TOKEN_PARAM);
    }
    if (tag_end < lx->end && is_word_start((unsigned char)*tag_end)) {
        while (tag_end < lx->end && is_word_part((unsigned char)*tag_end) && *tag_end != '$')
            tag_end++;
    }
    if (tag_end >= lx->end || *tag_end != '$') {
        lx->at++;
        return finish(lx, token, CAB_TOKEN_CHAR);
    }
    size_t tag_len = (size_t)(tag_end + 1 - lx->at);
    const char *tag = lx->at;
    lx->at += tag_len;
    while ((size_t)(lx->end - lx->at) >= tag_len) {
        if (*lx->at == '$' && memcmp(lx->at, tag, tag_len) == 0) {
            lx->at += tag_len;
            return finish(lx, token, CAB_TOKEN_DOLLAR);
        }
        if (*lx->at == '\0')
            return bad(lx, token, "zero byte");
        step(lx);
    }
    return bad(lx, token, "dollar-quoted text is not ended");
}

static void number(struct cab_lexer *lx) {
    if (peek(lx, 0) == '0' && peek(lx, 1) > 0 && strchr("xXoObB", peek(lx, 1)) != NULL) {
        lx->at += 2;
        while (lx->at < lx->end && (is_digit((unsigned char)*lx->at) || is_word_start((unsigned char)*lx->at)))
            lx->at++;
        return;
    }
    while (lx->at < lx->end && (is_digit((unsigned char)*lx->at) || *lx->at == '_' ||
                                (*lx->at == '.' && peek(lx, 1) != '.')))
        lx->at++;
    if (peek(lx, 0) == 'e' || peek(lx, 0) == 'E') {
        size_t sign = peek(lx, 1) == '+' || peek(lx, 1) == '-' ? 1 : 0;
        if (is_digit((unsigned char)(peek(lx, 1 + sign) < 0 ? 0 : peek(lx, 1 + sign)))) {
            lx->at += 1 + sign;
            while (lx->at < lx->end && (is_digit((unsigned char)*lx->at) || *lx->at == '_'))
                lx->at++;
        }
    }
}

/* At a letter: a word, or a string or name with a prefix. */
static bool word(struct cab_lexer *lx, struct cab_token *token) {
    int first = peek(lx, 0), second = peek(lx, 1);
    if (second == '\'' && strchr("eEbBxXnN", first) != NULL) {
        lx->at++;
        return string(lx, token, first == 'e' || first == 'E');
    }
    if ((first == 'u' || first == 'U') && second == '&' && (peek(lx, 2) == '\'' || peek(lx, 2) == '"')) {
        lx->at += 2;
        return *lx->at == '"' ? quoted(lx, token) : string(lx, token, false);
    }
    while (lx->at < lx->end && is_word_part((unsigned char)*lx->at))
        lx->at++;
    return finish(lx, token, CAB_TOKEN_WORD);
}

bool cab_lexer_next(struct cab_lexer *lexer, struct cab_token *token) {
    while (lexer->at < lexer->end && is_space((unsigned char)*lexer->at))
        step(lexer);
    *token = (struct cab_token){.text = lexer->at, .line = lexer->line, .at_margin = lexer->at == lexer->margin};
    int c = peek(lexer, 0), next = peek(lexer, 1);
    if (c < 0)
        return false;
    if (c == '-' && next == '-') {
        while (lexer->at < lexer->end && *lexer->at != '\n')
            lexer->at++;
        return finish(lexer, token, CAB_TOKEN_LINE);
    }
    if (c == '/' && next == '*')
        return block(lexer, token);
    if (c == '\'')
        return string(lexer, token, false);
    if (c == '"')
        return quoted(lexer, token);
    if (c == '$')
        return dollar(lexer, token);
    if (is_word_start((unsigned char)c))
        return word(lexer, token);
    if (is_digit((unsigned char)c) || (c == '.' && next >= 0 && is_digit((unsigned char)next))) {
        number(lexer);
        return finish(lexer, token, CAB_TOKEN_NUMBER);
    }
    if (c == '\0')
        return bad(lexer, token, "zero byte");
    lexer->at++;
    return finish(lexer, token, CAB_TOKEN_CHAR);
}

bool cab_token_is(const struct cab_token *token, const char *word) {
    return token->kind == CAB_TOKEN_WORD && strlen(word) == token->len &&
           strncasecmp(token->text, word, token->len) == 0;
}

/* What the splitter remembers of the statement it is in. */
struct cut {
    int n_words;
    bool is_create, is_routine, is_copy, is_after_from;
    int parens, begins;
};

static void see_word(struct cut *cut, const struct cab_token *token) {
    int at = cut->n_words++;
    if (at == 0) {
        cut->is_create = cab_token_is(token, "create");
        cut->is_copy = cab_token_is(token, "copy");
    } else if (at <= 3 && cut->is_create && (cab_token_is(token, "function") || cab_token_is(token, "procedure"))) {
        cut->is_routine = true;
    }
    if (!cut->is_routine || cut->parens > 0)
        return;
    if (cab_token_is(token, "begin") || (cut->begins > 0 && cab_token_is(token, "case")))
        cut->begins++;
    else if (cut->begins > 0 && cab_token_is(token, "end"))
        cut->begins--;
}

static enum cab_split fail(struct cab_split_error *error, int line, const char *what) {
    error->line = line;
    error->what = what;
    return CAB_SPLIT_ERROR;
}

/* Takes token into the statement; ERROR where it cannot stand there. */
static enum cab_split see(struct cut *cut, const struct cab_token *token, struct cab_split_error *error) {
    bool was_from = cut->is_after_from;
    cut->is_after_from = false;
    if (token->kind == CAB_TOKEN_WORD) {
        see_word(cut, token);
        if (cut->is_copy && was_from && cab_token_is(token, "stdin"))
            return fail(error, token->line, "COPY from standard input is not possible here; write INSERT");
        cut->is_after_from = cab_token_is(token, "from");
    } else if (token->kind == CAB_TOKEN_CHAR) {
        char c = *token->text;
        if (c == '\\')
            return fail(error, token->line, "psql commands are not possible here; only SQL is");
        if (c == '(' || c == '[')
            cut->parens++;
        else if ((c == ')' || c == ']') && --cut->parens < 0)
            return fail(error, token->line, "closing bracket without an opening one");
    }
    return CAB_SPLIT_STATEMENT;
}

enum cab_split cab_lexer_statement(struct cab_lexer *lexer, struct cab_statement *statement,
                                   struct cab_split_error *error) {
    struct cut cut = {0};
    struct cab_token token;
    *statement = (struct cab_statement){.leading = lexer->at, .leading_line = lexer->line};
    const char *last = NULL;
    while (cab_lexer_next(lexer, &token)) {
        if (token.kind == CAB_TOKEN_BAD)
            return fail(error, token.line, token.error);
        if (token.kind == CAB_TOKEN_LINE || token.kind == CAB_TOKEN_BLOCK)
            continue;
        if (token.kind == CAB_TOKEN_CHAR && *token.text == ';' && cut.parens == 0 && cut.begins == 0) {
            if (last == NULL)
                continue;
            break;
        }
        if (last == NULL) {
            statement->text = token.text;
            statement->line = token.line;
        }
        if (see(&cut, &token, error) == CAB_SPLIT_ERROR)
            return CAB_SPLIT_ERROR;
        last = token.text + token.len;
    }
    if (last == NULL)
        return CAB_SPLIT_END;
    statement->len = (size_t)(last - statement->text);
    if (cut.parens > 0)
        return fail(error, statement->line, "opening bracket without a closing one");
    if (cut.begins > 0)
        return fail(error, statement->line, "BEGIN ATOMIC without END");
    return CAB_SPLIT_STATEMENT;
}

void cab_statement_words(const struct cab_statement *statement, int max_words, char *out, size_t size) {
    struct cab_lexer lexer;
    struct cab_token token;
    size_t used = 0;
    out[0] = '\0';
    cab_lexer_init(&lexer, statement->text, statement->len, statement->line);
    for (int n = 0; n < max_words && cab_lexer_next(&lexer, &token);) {
        if (token.kind == CAB_TOKEN_LINE || token.kind == CAB_TOKEN_BLOCK)
            continue;
        if (token.kind != CAB_TOKEN_WORD && token.kind != CAB_TOKEN_QUOTED)
            return;
        if (used + token.len + 2 > size)
            return;
        if (n++ > 0)
            out[used++] = ' ';
        for (size_t i = 0; i < token.len; i++) {
            char c = token.text[i];
            out[used++] = token.kind == CAB_TOKEN_WORD && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        }
        out[used] = '\0';
    }
}
