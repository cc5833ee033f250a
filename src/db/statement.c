/*
 * The statements that a connection holds prepared, found by their text.  Bounded: the one unused for longest makes
 * room. Knows nothing of libpq: pipeline.c prepares and deallocates.
 */
#include "private.h"
#include <stdio.h>
#include <string.h>

struct cab_statements *cab_statements_make(void *ctx) {
    return cab_new(ctx, struct cab_statements);
}

void cab_statements_clear(struct cab_statements *statements) {
    for (size_t i = 0; i < CAB_LENGTH(statements->buckets); i++)
        for (struct cab_statement *next, *s = statements->buckets[i]; s != NULL; s = next) {
            next = s->next;
            cab_mem_free(s);
        }
    memset(statements->buckets, 0, sizeof statements->buckets);
    statements->count = 0;
    statements->n_doomed = 0;
}

void cab_statements_begin(struct cab_statements *statements) {
    statements->run++;
}

/* Eight bytes a step; texts are the program's own, so nobody gains by collisions. */
static uint64_t hash_text(const char *text, size_t len) {
    uint64_t hash = 0x9e3779b97f4a7c15u ^ len, word;
    for (; len >= sizeof word; text += sizeof word, len -= sizeof word) {
        memcpy(&word, text, sizeof word);
        hash = (hash ^ word) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, text, len);
    hash = (hash ^ word) * 0xff51afd7ed558ccdu;
    return hash ^ hash >> 29;
}

static struct cab_statement **place_of(struct cab_statements *statements, uint64_t hash) {
    return &statements->buckets[hash % CAB_LENGTH(statements->buckets)];
}

void cab_statements_forget(struct cab_statements *statements, struct cab_statement *statement) {
    struct cab_statement **at = place_of(statements, statement->hash);
    while (*at != statement)
        at = &(*at)->next;
    *at = statement->next;
    statements->count--;
    if (statement->is_prepared) {
        if (statements->n_doomed == statements->cap_doomed) {
            statements->cap_doomed = statements->cap_doomed * 2 + 8;
            statements->doomed = cab_mem_resize(statements, statements->doomed,
                                                (size_t)statements->cap_doomed * sizeof *statements->doomed);
        }
        memcpy(statements->doomed[statements->n_doomed++], statement->name, sizeof statement->name);
    }
    cab_mem_free(statement);
}

static void make_room(struct cab_statements *statements) {
    struct cab_statement *oldest = NULL;
    for (size_t i = 0; i < CAB_LENGTH(statements->buckets); i++)
        for (struct cab_statement *s = statements->buckets[i]; s != NULL; s = s->next)
            if (s->used < statements->run && (oldest == NULL || s->used < oldest->used))
                oldest = s;
    if (oldest != NULL)
        cab_statements_forget(statements, oldest);
}

struct cab_statement *cab_statements_use(struct cab_statements *statements, const char *text) {
    size_t len = strlen(text);
    uint64_t hash = hash_text(text, len);
    for (struct cab_statement *s = *place_of(statements, hash); s != NULL; s = s->next)
        if (s->hash == hash && s->len == len && memcmp(s->text, text, len) == 0) {
            s->used = statements->run;
            return s;
        }
    if (statements->count >= CAB_STATEMENTS_MAX)
        make_room(statements);
    struct cab_statement *made = cab_new(statements, struct cab_statement);
    struct cab_statement **at = place_of(statements, hash);
    *made = (struct cab_statement){ .next = *at, .text = cab_strndup(made, text, len), .len = len, .hash = hash,
                                    .used = statements->run };
    snprintf(made->name, sizeof made->name, "c%llu", (unsigned long long)++statements->names);
    *at = made;
    statements->count++;
    return made;
}
