/*
 * trace: which statements a request ran, and how long it waited for them.  Costs two looks at the clock and a few
 * stores for each pipeline; names are found only for the slow ones.
 */
#include "private.h"

#include "statements.h"

void cab_trace_add(struct cab_trace *trace, const char *text) {
    trace->texts[trace->n++ % CAB_LENGTH(trace->texts)] = text;
}

void cab_db_trace_begin(struct cab_db *db) {
    db->trace.n = 0;
    db->trace.us = 0;
}

int64_t cab_db_trace_us(const struct cab_db *db) {
    return db->trace.us;
}

static const char *name_of(const char *text) {
    for (const struct cab_sql_text *fixed = cab_sql_texts; fixed->name != NULL; fixed++)
        if (fixed->text == text)
            return fixed->name;
    return "built";
}

const char *cab_db_trace_names(const struct cab_db *db, const void *ctx) {
    const struct cab_trace *trace = &db->trace;
    unsigned room = CAB_LENGTH(trace->texts), from = trace->n > room ? trace->n - room : 0;
    struct cab_buf names;
    cab_buf_init(&names, ctx, 127);
    bool is_after = false, is_apart = false;
    for (unsigned i = from; i < trace->n; i++) {
        const char *text = trace->texts[i % room];
        if (text == NULL) {
            is_apart = is_after;
            continue;
        }
        cab_buf_adds(&names, is_apart ? "+" : is_after ? "," : "");
        cab_buf_adds(&names, name_of(text));
        is_after = true;
        is_apart = false;
    }
    return names.data;
}

uint64_t cab_db_connects(const struct cab_db *db) {
    return db->connects;
}

uint64_t cab_db_connects_failed(const struct cab_db *db) {
    return db->failures;
}
