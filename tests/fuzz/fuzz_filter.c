/*
 * Query strings of lists on any bytes: refused, or made into a statement whose text holds nothing of them.  The first
 * byte chooses table and caller; after a `{` the rest is taken as filter=<JSON>.
 */
#include "fuzz.h"

#include <resource/list.h>
#include <string.h>

#include "unit/resource/tables.h"

const char *const fuzz_words[] = {
    "&", "=", "__", "__gt=", "__in=", "__between=", "__null=true", "[ne]=", "sort=-", "sort_by=", "page=",
    "size=", "cursor=",
    "search=", "sort=_closeness", "_closeness",
    "fields=", "count=none", "filter=", "is_deleted=true", "none", "title", "date_created", "2024-02-29",
    "{\"or\":[", "{\"not\":", "{\"rank\":", "{\"lt\":5}", "null", "]}", "tags__contains=", "doc=", "n=",
    "%2C", "%5C", "$1", NULL
};

static const struct cab_conf conf = {
    .secret_key = "a secret key that is long enough for tests", .page_size_default = 20, .page_size_max = 100,
    .count_budget = 50000, .user_directory = "minimal",
};

static const char *no_param(const void *source, const char *name) {
    (void)source, (void)name;
    return NULL;
}

/* Every $n of the text has its value, and every value its $n. */
static void check_statement(const struct cab_sql *sql) {
    int highest = 0;
    for (const char *s = sql->text.data; (s = strchr(s, '$')) != NULL; s++) {
        int n = 0;
        for (const char *digit = s + 1; *digit >= '0' && *digit <= '9'; digit++)
            n = n * 10 + (*digit - '0');
        FUZZ_MUST(n >= 1 && n <= sql->n_values);
        highest = n > highest ? n : highest;
    }
    FUZZ_MUST(highest == sql->n_values);
    FUZZ_MUST(cab_utf8_valid(sql->text.data, sql->text.len));
}

static void plan(struct cab_call *call, const char *table) {
    struct cab_list list;
    struct cab_sql sql;
    struct cab_err err = { 0 };
    call->table = cab_catalog_find(call->catalog, table);
    if (cab_list_plan(&list, call, call->table, &err) != 0) {
        int status = cab_problem_info(err.problem)->status;
        FUZZ_MUST(status >= 400 && status <= 422 && err.flaws != NULL);
        return;
    }
    cab_sql_init(&sql, call->mem);
    cab_list_select(&list, &sql);
    check_statement(&sql);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static const char *const tables[] = { "users", "notes", "kinds" };
    if (n < 2 || n > 16384 || memchr(bytes, '\0', n) != NULL)
        return 0;
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_request *request;
    struct cab_response response;
    struct cab_err err = { 0 };
    struct cab_buf uri;
    const char *text = cab_strndup(mem, (const char *)bytes + 1, n - 1);
    cab_buf_init(&uri, mem, n + 16);
    cab_buf_adds(&uri, *text == '{' ? "/x?filter=" : "/x?");
    if (*text == '{')
        cab_url_encode(&uri, text);
    else
        cab_buf_adds(&uri, text);
    struct cab_request_parts parts = { .method = "GET", .uri = uri.data, .body = "", .param = no_param };
    if (cab_request_parse(mem, &parts, &request, &err) == 0) {
        struct cab_call call = { .mem = mem, .conf = &conf, .catalog = fixture_catalog(), .request = request,
                                 .response = &response };
        cab_response_init(&response, mem);
        call.caller = (struct cab_caller){ .is_signed_in = true, .is_admin = (bytes[0] & 1) != 0, .user_id = 7,
                                           .user_id_text = "7" };
        plan(&call, tables[bytes[0] % CAB_LENGTH(tables)]);
    }
    cab_mem_free(mem);
    return 0;
}
