/*
 * The page object of a list and the headers that say the same.
 */
#include <string.h>

#include "list.h"

static const char *number_link(const struct cab_list *list, int64_t page) {
    const struct cab_request *request = list->call->request;
    return cab_link_make(request, "page", cab_decimal(request->mem, page), "cursor");
}

/* A cursor at one row of the result; NULL where the order has none. */
static const char *cursor_at(const struct cab_list *list, const struct cab_result *result, int row, bool is_backward) {
    const char *values[CAB_SORT_MOST + 1];
    struct cab_cursor cursor = { .is_backward = is_backward, .values = values, .n = list->query.n_sort };
    if (list->query.is_by_closeness)
        return NULL;
    for (int i = 0; i < cursor.n; i++)
        values[i] = cab_result_value(result, row, list->sort_at[i]);
    return cab_cursor_make(list->call->mem, list->call->conf, list->scope, &cursor);
}

static void add_ends(const struct cab_list *list, struct cab_page *page) {
    page->start = number_link(list, 1);
    if (page->pages >= 0 && !cab_list_is_too_deep(list, page->pages))
        page->end = number_link(list, page->pages > 0 ? page->pages : 1);
}

static void by_number(const struct cab_list *list, const struct cab_total *total, bool more, struct cab_page *page) {
    page->page = list->query.page;
    page->has_next = total->known && !total->is_estimate ? page->page < page->pages : more;
    page->has_prev = page->page > 1 && page->pages != 0;
    if (page->has_next && !cab_list_is_too_deep(list, page->page + 1)) /* else it is by cursor */
        page->next = number_link(list, page->page + 1);
    if (page->has_prev)
        page->prev = number_link(list, page->pages >= 0 && page->page > page->pages + 1 && !total->is_estimate
                                           ? page->pages : page->page - 1);
    add_ends(list, page);
}

static void by_cursor(const struct cab_list *list, bool more, struct cab_page *page) {
    bool backward = list->cursor.is_backward;
    page->page = -1;
    page->has_next = backward || more;
    page->has_prev = !backward || more;
    if (page->pages >= 0)
        add_ends(list, page);
}

void cab_page_make(const struct cab_list *list, const struct cab_total *total, const struct cab_result *result,
                   struct cab_page *page_out) {
    const struct cab_query *query = &list->query;
    const struct cab_request *request = list->call->request;
    int rows = result != NULL ? cab_result_rows(result) : 0;
    bool more = rows > query->size;
    struct cab_page *page = page_out;

    *page = (struct cab_page){ .pages = total->known ? (total->rows + query->size - 1) / query->size : -1 };
    page->count = more ? (int)query->size : rows;
    page->is_reversed = query->cursor != NULL && list->cursor.is_backward;
    if (query->cursor != NULL)
        by_cursor(list, more, page);
    else
        by_number(list, total, more, page);
    if (page->count == 0) {
        if (query->cursor != NULL)
            page->has_next = page->has_prev = false;
        return;
    }
    int first = page->is_reversed ? page->count - 1 : 0, last = page->is_reversed ? 0 : page->count - 1;
    if (page->has_next)
        page->cursor_next = cursor_at(list, result, last, false);
    if (page->has_prev)
        page->cursor_prev = cursor_at(list, result, first, true);
    if (page->next == NULL && page->cursor_next != NULL)
        page->next = cab_link_make(request, "cursor", page->cursor_next, "page");
    if (query->cursor != NULL && page->cursor_prev != NULL)
        page->prev = cab_link_make(request, "cursor", page->cursor_prev, "page");
}

static void add_number(struct cab_buf *buf, int64_t number) {
    if (number < 0)
        cab_buf_adds(buf, "null");
    else
        cab_buf_addf(buf, "%lld", (long long)number);
}

static void add_member(struct cab_buf *buf, const char *name, const char *value) {
    cab_buf_adds(buf, name);
    cab_json_cstring(buf, value);
}

void cab_page_write(const struct cab_list *list, const struct cab_total *total, const struct cab_page *page,
                    const struct cab_result *result, struct cab_buf *buf) {
    cab_buf_adds(buf, "{\"items\":[");
    for (int i = 0; i < page->count; i++) {
        if (i > 0)
            cab_buf_addc(buf, ',');
        cab_row_plan_write(list->plan, result, page->is_reversed ? page->count - 1 - i : i, buf);
    }
    cab_buf_adds(buf, "],\"total\":");
    add_number(buf, total->known ? total->rows : -1);
    cab_buf_adds(buf, ",\"page\":");
    add_number(buf, page->page);
    cab_buf_addf(buf, ",\"size\":%lld,\"pages\":", (long long)list->query.size);
    add_number(buf, page->pages);
    cab_buf_addf(buf, ",\"has_next\":%s,\"has_prev\":%s", page->has_next ? "true" : "false",
                 page->has_prev ? "true" : "false");
    add_member(buf, ",\"links\":{\"next\":", page->next);
    add_member(buf, ",\"prev\":", page->prev);
    add_member(buf, ",\"first\":", page->start);
    add_member(buf, ",\"last\":", page->end);
    add_member(buf, "},\"cursors\":{\"next\":", page->cursor_next);
    add_member(buf, ",\"prev\":", page->cursor_prev);
    cab_buf_addf(buf, "},\"total_is_estimate\":%s}", total->is_estimate ? "true" : "false");
}

static void add_link(struct cab_buf *buf, const char *link, const char *rel) {
    if (link == NULL)
        return;
    cab_buf_addf(buf, "%s<%s>; rel=\"%s\"", buf->len > 0 ? ", " : "", link, rel);
}

void cab_page_headers(const struct cab_list *list, const struct cab_total *total, const struct cab_page *page) {
    struct cab_response *response = list->call->response;
    const struct cab_query *query = &list->query;
    struct cab_buf links;

    cab_buf_init(&links, list->call->mem, 256);
    add_link(&links, page->next, "next");
    add_link(&links, page->prev, "prev");
    add_link(&links, page->start, "first");
    add_link(&links, page->end, "last");
    if (links.len > 0)
        cab_response_header(response, "Link", "%s", links.data);
    if (total->known)
        cab_response_header(response, "X-Total-Count", "%lld", (long long)total->rows);
    if (query->cursor == NULL) {
        int64_t first = (query->page - 1) * query->size, rows = page->count;
        struct cab_buf unit;
        cab_buf_init(&unit, list->call->mem, 64);
        cab_url_encode(&unit, list->view.table->name);
        const char *whole = total->known ? cab_decimal(list->call->mem, total->rows) : "*";
        if (rows == 0 && list->call->request->method == CAB_HEAD && total->known)
            rows = total->rows - first < query->size ? total->rows - first : query->size;
        if (rows > 0)
            cab_response_header(response, "Content-Range", "%s %lld-%lld/%s", unit.data, (long long)first,
                                (long long)(first + rows - 1), whole);
        else
            cab_response_header(response, "Content-Range", "%s */%s", unit.data, whole);
    }
    if (query->preference != NULL)
        cab_response_header(response, "Preference-Applied", "%s", query->preference);
    cab_param_ignored(list->call, query->ignored);
}
