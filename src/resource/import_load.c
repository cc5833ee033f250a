/*
 * Rows are kept as lines of COPY, one block being made while the server takes the other.  All is done under one
 * savepoint, moved along with each part that went well.  Rows of a block may name different fields: those that do go
 * by themselves, as a field with a default of its own cannot be left out in the middle of a COPY.
 */
#include "import_load.h"

#include <string.h>

#include "change.h"
#include "import_sql.h"

#define BLOCK_ROWS 10000
#define BLOCK_BYTES (1024 * 1024)
#define SHAPES_MOST 64
#define COPY_LEAST 16       /* rows: fewer go by a statement each */
#define SINGLE_MOST 250     /* of them in one pipeline */
#define HALVE_LEAST 32      /* a refused part of so few rows is looked through row by row */
#define SEND_EACH 64        /* rows, between looks whether the server takes more */

struct row { int64_t line; size_t start; const struct cab_import_shape *shape; };

struct block {
    struct cab_buf text;    /* lines of COPY */
    struct row *rows; size_t n;
};

struct cab_load {
    struct cab_call *call;
    const struct cab_upsert *upsert;
    cab_load_wrong *wrong;
    void *arg;
    bool *seen;             /* columns that a row has named */
    struct cab_import_shape *shapes[SHAPES_MOST]; int n_shapes;
    struct block blocks[2], *making, *taking;
    bool is_taking;         /* the server works on taking */
    bool is_over;
    struct cab_load_counts counts;
};

struct cab_load *cab_load_make(struct cab_call *call, const struct cab_upsert *upsert, cab_load_wrong *wrong,
                               void *arg) {
    struct cab_load *load = cab_new(call->mem, struct cab_load);
    load->call = call;
    load->upsert = upsert;
    load->wrong = wrong;
    load->arg = arg;
    (void)cab_row_plan_for(call, call->table); /* kept for all rows */
    load->seen = cab_new_array(load, bool, (size_t)call->table->n_columns);
    for (int i = 0; i < 2; i++) {
        cab_buf_init(&load->blocks[i].text, load, 4096);
        load->blocks[i].rows = cab_mem_alloc(load, BLOCK_ROWS * sizeof(struct row));
    }
    load->making = &load->blocks[0];
    load->taking = &load->blocks[1];
    return load;
}

struct cab_load_counts cab_load_counts(const struct cab_load *load) {
    return load->counts;
}

bool cab_load_is_over(const struct cab_load *load) {
    return load->is_over;
}

static size_t end_of(const struct block *block, size_t i) {
    return i + 1 < block->n ? block->rows[i + 1].start : block->text.len;
}

/* ---- one row by one statement ---- */

static bool is_about_the_row(const struct cab_load *load, const struct cab_err *err) {
    return strncmp(err->sqlstate, "22", 2) == 0 || strncmp(err->sqlstate, "23", 2) == 0
        || strcmp(err->sqlstate, "428C9") == 0 || strncmp(err->sqlstate, "54", 2) == 0
        || (load->upsert != NULL && strcmp(err->sqlstate, "21000") == 0); /* one row twice in a statement */
}

static int back(struct cab_load *load, struct cab_err *err) {
    return cab_db_exec(load->call->db, "ROLLBACK TO SAVEPOINT cab_import", err);
}

/* What became of the rows of a pipeline; *bad_out is the first that is another's. */
static void count_singles(struct cab_load *load, struct cab_pipe *pipe, size_t n, int *bad_out, struct cab_err *why) {
    struct cab_load_counts counts = load->counts;
    int step = load->upsert != NULL ? 2 : 1;
    for (size_t i = 0; i < n; i++) {
        int index = CAB_IMPORT_STEPS + step * (int)i;
        const struct cab_result *result = cab_pipe_result(pipe, index);
        bool is_created = load->upsert == NULL, is_written = cab_result_rows(result) > 0;
        if (load->upsert != NULL
            && cab_upsert_result(load->call, load->upsert, pipe, index, &result, &is_created, why) != 0) {
            *bad_out = (int)i;
            return;
        }
        counts.created += is_created;
        counts.changed += is_written && !is_created;
        counts.unchanged += !is_written;
    }
    load->counts = counts;
}

/* Rows of a pipeline: 0; *bad_out is the row that failed, from first, or -1.  -1 where nothing more can be done. */
static int run_singles(struct cab_load *load, const struct block *block, size_t first, size_t n, int *bad_out,
                       struct cab_err *why) {
    struct cab_call *call = load->call;
    int step = load->upsert != NULL ? 2 : 1;
    void *mem = call->mem, *own = cab_mem_alloc(call->mem, 1);
    struct cab_pipe *pipe = cab_pipe_make(own, call->db, true);
    *bad_out = -1;
    call->mem = own; /* statements and values end with the pipeline */
    cab_import_steps(pipe);
    for (size_t i = first; i < first + n; i++) {
        struct cab_change change = { .table = call->table };
        cab_import_change(own, block->rows[i].shape, block->text.data + block->rows[i].start, &change);
        if (load->upsert != NULL)
            cab_upsert_add(call, load->upsert, &change, pipe);
        else
            cab_change_insert(call, &change, pipe);
    }
    call->mem = mem;
    int rc = cab_pipe_run(pipe, why);
    if (rc == 0) {
        count_singles(load, pipe, n, bad_out, why);
    } else {
        int failed = cab_pipe_failed(pipe) - CAB_IMPORT_STEPS;
        cab_call_translate(call, why);
        if (is_about_the_row(load, why) && failed >= 0 && failed < (int)n * step) {
            *bad_out = failed / step;
            rc = 0;
        }
    }
    cab_mem_free(own);
    return rc;
}

static int load_singly(struct cab_load *load, const struct block *block, size_t first, size_t n,
                       struct cab_err *err) {
    size_t end = first + n;
    while (first < end && !load->is_over) {
        struct cab_err why = { 0 };
        int bad;
        n = end - first < SINGLE_MOST ? end - first : SINGLE_MOST;
        if (run_singles(load, block, first, n, &bad, &why) != 0) {
            *err = why;
            return -1;
        }
        if (bad < 0) {
            first += n;
            continue;
        }
        load->is_over = !load->wrong(load->arg, block->rows[first + (size_t)bad].line, &why);
        /* those before it again: the rows behind may conflict with them */
        struct cab_err ignored = { 0 };
        int again = -1;
        if (back(load, err) != 0)
            return -1;
        if (bad > 0 && (run_singles(load, block, first, (size_t)bad, &again, &ignored) != 0 || again >= 0)) {
            err->retry_after = 1;
            return cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "The rows changed while they were read; send it again.");
        }
        first += (size_t)bad + 1;
    }
    return 0;
}

/* ---- many rows by one statement ---- */

/* -1 with why; *bad_out where a row of an upsert is another's. */
static int run_many(struct cab_load *load, const struct block *block, size_t first, size_t n, bool *bad_out,
                    struct cab_err *why) {
    struct cab_call *call = load->call;
    const char *text = block->text.data + block->rows[first].start;
    const struct cab_import_shape *shape = block->rows[first].shape;
    size_t bytes = end_of(block, first + n - 1) - block->rows[first].start;
    int64_t created = 0, changed = 0;
    *bad_out = false;
    if (load->upsert != NULL) {
        if (cab_import_upsert(call, load->upsert, shape, text, bytes, n, &created, &changed, bad_out, why) != 0)
            return -1;
    } else if (cab_copy_start(call->db, shape->copy, text, bytes, why) != 0
               || cab_copy_finish(call->db, &created, why) != 0) {
        return -1;
    }
    if (!*bad_out) {
        load->counts.created += created;
        load->counts.changed += changed;
        load->counts.unchanged += (int64_t)n - created - changed;
    }
    return 0;
}

static int load_many(struct cab_load *load, const struct block *block, size_t first, size_t n, struct cab_err *err);

/* The server has refused these rows together. */
static int look_through(struct cab_load *load, const struct block *block, size_t first, size_t n,
                        struct cab_err *err) {
    if (n <= HALVE_LEAST)
        return load_singly(load, block, first, n, err);
    size_t half = n / 2;
    return load_many(load, block, first, half, err) != 0 || load_many(load, block, first + half, n - half, err) != 0
        ? -1 : 0;
}

/* Rows of one shape. */
static int load_many(struct cab_load *load, const struct block *block, size_t first, size_t n, struct cab_err *err) {
    struct cab_err why = { 0 };
    bool is_bad;
    if (load->is_over)
        return 0;
    int rc = run_many(load, block, first, n, &is_bad, &why);
    if (rc == 0 && !is_bad)
        return 0;
    if (rc != 0 && !is_about_the_row(load, &why)) {
        *err = why;
        cab_call_translate(load->call, err);
        return -1;
    }
    return back(load, err) != 0 ? -1 : look_through(load, block, first, n, err);
}

static size_t run_length(const struct block *block, size_t first) {
    size_t n = 1;
    while (first + n < block->n && block->rows[first + n].shape == block->rows[first].shape)
        n++;
    return n;
}

/* Whether the n rows at first are taken by one statement. */
static bool go_together(const struct block *block, size_t first, size_t n) {
    return n >= COPY_LEAST && block->rows[first].shape->n > 0;
}

static int load_block(struct cab_load *load, const struct block *block, struct cab_err *err) {
    size_t first = 0;
    while (first < block->n && !load->is_over) {
        size_t n = run_length(block, first);
        if (go_together(block, first, n)) {
            if (load_many(load, block, first, n, err) != 0)
                return -1;
        } else { /* with the short runs behind it */
            for (size_t more; first + n < block->n; n += more) {
                more = run_length(block, first + n);
                if (go_together(block, first + n, more))
                    break;
            }
            if (load_singly(load, block, first, n, err) != 0)
                return -1;
        }
        first += n;
    }
    return 0;
}

/* ---- blocks ---- */

static void clear(struct block *block) {
    cab_buf_reset(&block->text);
    block->n = 0;
}

/* Waits for the block that the server works on. */
static int finish_taking(struct cab_load *load, struct cab_err *err) {
    struct block *block = load->taking;
    struct cab_err why = { 0 };
    int64_t created;
    if (!load->is_taking)
        return 0;
    load->is_taking = false;
    int rc = cab_copy_finish(load->call->db, &created, &why);
    if (rc == 0)
        load->counts.created += created;
    else if (!is_about_the_row(load, &why)) {
        *err = why;
        cab_call_translate(load->call, err);
    } else {
        rc = back(load, err) != 0 ? -1 : look_through(load, block, 0, block->n, err);
    }
    clear(block);
    return rc;
}

static int flush(struct cab_load *load, struct cab_err *err) {
    struct block *block = load->making;
    if (finish_taking(load, err) != 0)
        return -1;
    if (block->n == 0)
        return 0;
    if (load->upsert != NULL || run_length(block, 0) < block->n || !go_together(block, 0, block->n)) {
        int rc = load_block(load, block, err);
        clear(block);
        return rc;
    }
    load->making = load->taking;
    load->taking = block;
    load->is_taking = true;
    if (cab_copy_start(load->call->db, block->rows[0].shape->copy, block->text.data, block->text.len, err) == 0)
        return 0;
    load->is_taking = false;
    cab_call_translate(load->call, err);
    return -1;
}

static const struct cab_import_shape *shape_for(struct cab_load *load, const bool *given, struct cab_err *err) {
    for (int i = 0; i < load->n_shapes; i++)
        if (cab_import_shape_fits(load->shapes[i], given, load->seen))
            return load->shapes[i];
    if (load->n_shapes == SHAPES_MOST) { /* the rows there still need theirs */
        if (flush(load, err) != 0 || finish_taking(load, err) != 0)
            return NULL;
        while (load->n_shapes > 0)
            cab_mem_free(load->shapes[--load->n_shapes]);
    }
    struct cab_import_shape *shape = cab_import_shape_make(load, load->call->table, given, load->seen);
    load->shapes[load->n_shapes++] = shape;
    return shape;
}

int cab_load_add(struct cab_load *load, int64_t line, const bool *given, const char *const *values,
                 struct cab_err *err) {
    const struct cab_table *table = load->call->table;
    for (int i = 0; load->upsert == NULL && i < table->n_columns; i++)
        load->seen[i] = load->seen[i] || (given[i] && cab_import_is_plain(&table->columns[i]));
    const struct cab_import_shape *shape = shape_for(load, given, err);
    if (shape == NULL)
        return -1;
    struct block *block = load->making;
    block->rows[block->n++] = (struct row){ .line = line, .start = block->text.len, .shape = shape };
    cab_import_line(shape, values, &block->text);
    if (block->n == BLOCK_ROWS || block->text.len >= BLOCK_BYTES)
        return flush(load, err);
    return load->is_taking && block->n % SEND_EACH == 0 ? cab_copy_send(load->call->db, err) : 0;
}

void cab_load_drop(struct cab_load *load) {
    struct cab_err ignored = { 0 };
    int64_t rows;
    if (load->is_taking)
        (void)!cab_copy_finish(load->call->db, &rows, &ignored);
    load->is_taking = false;
}

int cab_load_end(struct cab_load *load, struct cab_err *err) {
    if (flush(load, err) != 0)
        return -1;
    return finish_taking(load, err);
}
