/*
 * migrate/lexer: PostgreSQL's lexical rules, as far as cutting text into statements needs them.  There is no SQL parser
 * here and none is wanted: what a statement means is asked of the server.  Must not know files or connections.
 */
#ifndef CABINET_MIGRATE_LEXER_H
#define CABINET_MIGRATE_LEXER_H

#include <cabinet/base.h>

enum cab_token_kind {
    CAB_TOKEN_END = 0,
    CAB_TOKEN_WORD,    /* name or keyword without quotes */
    CAB_TOKEN_QUOTED,  /* "name" or U&"name" */
    CAB_TOKEN_STRING,  /* '…', E'…', U&'…', B'…', X'…', N'…' with its continuation lines */
    CAB_TOKEN_DOLLAR,  /* $tag$…$tag$ */
    CAB_TOKEN_NUMBER,
    CAB_TOKEN_PARAM,   /* $1 */
    CAB_TOKEN_CHAR,    /* any other byte: punctuation, one byte of an operator */
    CAB_TOKEN_LINE,    /* comment from -- to the end of the line, newline not included */
    CAB_TOKEN_BLOCK,   /* comment, nested ones included */
    CAB_TOKEN_BAD      /* never ended, or a byte that SQL cannot hold; error says which */
};

struct cab_token {
    enum cab_token_kind kind;
    const char *text;  /* into the lexer's text */
    size_t len;
    int line;          /* of its first byte, from 1 */
    bool at_margin;    /* first byte stands in column 0 */
    const char *error; /* of a BAD token */
};

struct cab_lexer {
    const char *at, *end;
    const char *margin; /* first byte of the current line */
    int line;
};

/* text needs no final NUL and must outlive lexer and tokens. */
void cab_lexer_init(struct cab_lexer *lexer, const char *text, size_t len, int first_line);

/* The next token, white space skipped; false at the end (kind END).  After BAD the lexer is at its end. */
bool cab_lexer_next(struct cab_lexer *lexer, struct cab_token *token);

/* Whether token is that word without quotes, in any case. */
bool cab_token_is(const struct cab_token *token, const char *word);

/* One statement, without its semicolon and without comments before and behind it. */
struct cab_statement {
    const char *text;
    size_t len;
    int line;            /* of its first token */
    const char *leading; /* where the comments before it begin */
    int leading_line;
};

enum cab_split { CAB_SPLIT_END = 0, CAB_SPLIT_STATEMENT = 1, CAB_SPLIT_ERROR = -1 };

struct cab_split_error {
    int line;
    const char *what; /* static text, e.g. "string is not ended" */
};

/*
 * Cuts the next statement at a semicolon outside parentheses and outside BEGIN ATOMIC … END of a routine; empty ones
 * are skipped.  psql commands (a backslash), COPY … FROM STDIN, unbalanced brackets and unended tokens are errors.  A
 * last statement needs no semicolon.
 */
enum cab_split cab_lexer_statement(struct cab_lexer *lexer, struct cab_statement *statement,
                                   struct cab_split_error *error);

/* The first words of a statement in upper case, a space between ("CREATE UNIQUE INDEX"); quoted names appear as they
 * are written, strings and punctuation end it.  At most max_words words and size-1 bytes. */
void cab_statement_words(const struct cab_statement *statement, int max_words, char *out, size_t size);

#endif
