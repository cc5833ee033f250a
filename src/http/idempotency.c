/*
 * Idempotency-Key, and writes that take several round trips.  Both run in an explicit transaction, the call's block: it
 * begins with the call's first pipeline and ends here, when the handler is done.  A key is taken first in it, and the
 * answer is stored last, so that a crash leaves neither the write nor its answer.
 */
#include "http/internal.h"

#include <string.h>

#include "statements.h"

/* A larger body is not kept; the answer is repeated without it. */
#define BODY_MOST 65536
#define KEY_MOST 255

bool cab_route_takes_key(const struct cab_route *route) {
    return cab_tx_is_write(route->tx) && route->access != CAB_ACCESS_ANYONE && !route->hashes_password &&
           route->path[0] != '!' && strncmp(route->path, "/auth/", 6) != 0;
}

static bool is_key(const char *key) {
    size_t n = strlen(key);
    if (n == 0 || n > KEY_MOST)
        return false;
    for (const char *c = key; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            return false;
    return true;
}

static char *hex_of(const struct cab_call *call, const struct cab_buf *text) {
    char *hex = cab_mem_alloc(call->mem, 65);
    cab_sha256_hex(text->data, text->len, hex);
    return hex;
}

int cab_key_read(struct cab_call *call, struct cab_err *err) {
    const struct cab_request *request = call->request;
    const char *key = request->idempotency_key;
    bool is_asked = request->method == CAB_POST || request->method == CAB_PATCH || request->method == CAB_DELETE;
    if (key == NULL || !is_asked || !cab_tx_is_write(call->route->tx) || cab_prefers(request, "tx", "rollback"))
        return 0;
    if (!cab_route_takes_key(call->route)) {
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_HEADER, "Idempotency-Key", "not_taken",
                           "Answers with secrets are not kept; leave it out.");
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "This path takes no Idempotency-Key; leave it out.");
    }
    if (!is_key(key)) {
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_HEADER, "Idempotency-Key", "format",
                           "Must be 1 to %d visible ASCII characters.", KEY_MOST);
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "The header Idempotency-Key is malformed.");
    }
    struct cab_buf text;
    cab_buf_init(&text, call->mem, 512);
    cab_buf_addf(&text, "%s\n%s\n%.*s\n%s", call->caller.user_id_text, request->method_name,
                 (int)strcspn(request->uri, "?"), request->uri, key);
    call->key_scope = hex_of(call, &text);
    call->is_block = true;
    return 0;
}

/* Rights belong to it: an answer that was made with others is not repeated. */
static struct cab_hash *begin_fingerprint(const struct cab_call *call) {
    struct cab_hash *hash = cab_hash_make(call->mem);
    const char *scopes = call->caller.is_key && call->caller.scopes != NULL ? call->caller.scopes : "";
    const char *head = cab_printf(call->mem, "%d\n%s\n%s\n", call->caller.is_admin, scopes, call->request->query);
    cab_hash_add(hash, head, strlen(head));
    return hash;
}

static const char *fingerprint(const struct cab_call *call) {
    char *hex = cab_mem_alloc(call->mem, 65);
    struct cab_hash *hash = call->body_hash;
    if (hash == NULL) {
        hash = begin_fingerprint(call);
        cab_hash_add(hash, call->request->body, call->request->body_len);
    }
    cab_hash_hex(hash, hex);
    return hex;
}

static void queue_claim(struct cab_call *call, struct cab_pipe *pipe) {
    const char **v = cab_new_array(call->mem, const char *, 3);
    v[0] = call->caller.user_id_text;
    v[1] = call->key_scope;
    v[2] = fingerprint(call);
    cab_pipe_add(pipe, CAB_SHAPE_ONE, cab_sql_text_idempotency_claim, 3, v);
}

void cab_key_claim(struct cab_call *call) {
    call->has_key = true;
    if (!call->request->has_stream)
        queue_claim(call, call->pipe);
}

/* The request was done before, or another one was, with this key: what streams in tells. */
static int compare(struct cab_call *call, const char *kept, struct cab_err *err) {
    const char *bytes;
    size_t n;
    do
        if (cab_call_read(call, &bytes, &n, err) != 0)
            return -1;
    while (n > 0);
    bool is_same = strcmp(fingerprint(call), kept) == 0;
    const struct cab_sqlstate *row = cab_sqlstate_find(is_same ? "CB208" : "CB422");
    (void)cab_fail(err, row->problem, "%s", row->doc);
    memcpy(err->sqlstate, is_same ? "CB208" : "CB422", sizeof err->sqlstate);
    return -1;
}

int cab_key_open(struct cab_call *call, struct cab_err *err) {
    struct cab_result *found;
    call->body_hash = begin_fingerprint(call);
    if (cab_db_query(call->db, call->mem, CAB_SHAPE_ONE, cab_sql_text_idempotency_open, 1,
                     (const char *const[]){ call->key_scope }, &found, err) != 0)
        return -1;
    if (!cab_result_bool(found, 0, 0)) {
        const struct cab_sqlstate *row = cab_sqlstate_find("CB423");
        err->retry_after = 1;
        return cab_fail(err, row->problem, "%s", row->doc);
    }
    const char *kept = cab_result_value(found, 0, 1);
    return kept == NULL ? 0 : compare(call, kept, err);
}

/* The value of a header that the answer has, or NULL. */
static const char *header_of(const struct cab_response *response, const void *mem, const char *name) {
    size_t n = strlen(name);
    for (const char *line = response->headers.data; *line != '\0';) {
        size_t length = strcspn(line, "\r\n");
        if (strncmp(line, name, n) == 0 && line[n] == ':')
            return cab_strndup(mem, line + n + 2, length - n - 2);
        line += length + strspn(line + length, "\r\n");
    }
    return NULL;
}

static void add_answer(struct cab_call *call, struct cab_pipe *pipe) {
    const struct cab_response *response = call->response;
    const char **v = cab_new_array(call->mem, const char *, 6);
    v[0] = call->key_scope;
    v[1] = cab_printf(call->mem, "%d", response->status);
    v[2] = response->content_type;
    v[3] = header_of(response, call->mem, "Location");
    v[4] = header_of(response, call->mem, "ETag");
    v[5] = response->body.len > 0 && response->body.len <= BODY_MOST ? response->body.data : NULL;
    cab_pipe_add(pipe, CAB_SHAPE_NONE, cab_sql_text_idempotency_keep, 6, v);
}

static int commit(struct cab_call *call, struct cab_err *err) {
    bool is_trial = cab_prefers(call->request, "tx", "rollback");
    call->pipe = cab_pipe_make(call->mem, call->db, true);
    if (call->has_key && call->body_hash != NULL && call->response->status / 100 == 2)
        queue_claim(call, call->pipe);
    if (call->has_key && call->response->status / 100 == 2)
        add_answer(call, call->pipe);
    if (is_trial)
        cab_pipe_add_once(call->pipe, CAB_SHAPE_NONE, "SET CONSTRAINTS ALL IMMEDIATE", 0, NULL);
    cab_pipe_add_once(call->pipe, CAB_SHAPE_NONE, is_trial ? "ROLLBACK" : "COMMIT", 0, NULL);
    if (cab_call_run(call, err) == 0) {
        if (is_trial)
            cab_response_header(call->response, "Preference-Applied", "tx=rollback");
        return 0;
    }
    if (err->problem == CAB_PROBLEM_UNAVAILABLE && err->sqlstate[0] == '\0') {
        (void)cab_fail(err, CAB_PROBLEM_FATE_UNKNOWN,
                       "The connection to the database was lost while the change was made; it may be done or not. "
                       "Read the row before sending the change again.");
        err->retry_after = 1;
    }
    return -1;
}

int cab_block_end(struct cab_call *call, int rc, struct cab_err *err) {
    if (!call->is_block)
        return rc;
    bool is_open = cab_db_in_transaction(call->db);
    if (rc == 0 && is_open)
        rc = commit(call, err);
    cab_block_drop(call);
    return rc;
}

void cab_block_drop(struct cab_call *call) {
    struct cab_err ignored = { 0 };
    call->has_key = false;
    if (call->is_block && cab_db_in_transaction(call->db) && cab_db_exec(call->db, "ROLLBACK", &ignored) != 0)
        cab_log(CAB_LOG_WARN, "rolling back failed: %s", ignored.internal);
}

void cab_call_drop(struct cab_call *call) {
    cab_block_drop(call);
    call->is_block = false;
}

int cab_key_replay(struct cab_call *call, struct cab_err *err) {
    struct cab_response *response = call->response;
    struct cab_result *kept;
    cab_err_clear(err);
    if (cab_db_read(call->db, call->mem, CAB_SHAPE_MAYBE, cab_sql_text_idempotency_answer, 1,
                    (const char *const[]){ call->key_scope }, &kept, err) != 0)
        return -1;
    if (cab_result_rows(kept) == 0) { /* removed a moment ago */
        err->retry_after = 1;
        return cab_fail(err, CAB_PROBLEM_KEY_IN_FLIGHT, "The answer is being removed; send the request again.");
    }
    cab_response_reset(response);
    const char *location = cab_result_value(kept, 0, 2), *etag = cab_result_value(kept, 0, 3),
               *body = cab_result_value(kept, 0, 4);
    response->status = (int)cab_result_int64(kept, 0, 0);
    response->content_type = body != NULL ? cab_result_value(kept, 0, 1) : NULL;
    if (location != NULL)
        cab_response_header(response, "Location", "%s", location);
    if (etag != NULL)
        cab_response_header(response, "ETag", "%s", etag);
    if (body != NULL)
        cab_buf_adds(&response->body, body);
    cab_response_header(response, "Idempotency-Replayed", "true");
    return 0;
}
