/*
 * GET and HEAD of a list: plan, one pipeline, answer.
 */
#include "list.h"

#include <string.h>

#include <cabinet/resource.h>

#include "admit.h"
#include "expand.h"

/* All that a cursor is bound to: the rows, their order, and who asks. */
static const char *make_scope(const struct cab_list *list) {
    const struct cab_caller *caller = list->view.caller;
    struct cab_sql sql;
    cab_sql_init(&sql, list->call->mem);
    cab_list_from(list, &sql);
    cab_list_order(list, false, &sql);
    for (int i = 0; i < sql.n_values; i++)
        cab_buf_addf(&sql.text, "\n%zu:%s", strlen(sql.values[i]), sql.values[i]);
    cab_buf_addf(&sql.text, "\n%s %d", caller->is_signed_in ? caller->user_id_text : "-", caller->is_admin);
    return sql.text.data;
}

bool cab_list_is_too_deep(const struct cab_list *list, int64_t page) {
    return list->summary.view == NULL && (page - 1) * list->query.size > CAB_OFFSET_MOST;
}

int cab_list_plan(struct cab_list *list, struct cab_call *call, const struct cab_table *table, struct cab_err *err) {
    *list = (struct cab_list){ .call = call };
    cab_view_init(&list->view, call, table);
    if (cab_query_parse(call, &list->view, &list->query, err) != 0)
        return -1;
    list->plan = cab_row_plan_make(call, &list->view, list->query.fields, list->query.n_fields);
    for (int i = 0; i < list->query.n_sort && !list->query.is_by_closeness; i++)
        list->sort_at[i] = cab_row_plan_need(list->plan, list->query.sort[i].column);
    struct cab_complaints complaints;
    cab_complaints_init(&complaints, call->mem, err);
    cab_expand_read(call, list->plan, cab_request_param(call->request, "expand"), &complaints);
    cab_summary_cover(list);
    if (cab_list_is_too_deep(list, list->query.page))
        cab_complain(&complaints, CAB_PROBLEM_OFFSET_TOO_DEEP, CAB_PLACE_PARAMETER, "page", "offset_too_deep",
                     "Must not begin behind row %d of this list; %s.", CAB_OFFSET_MOST,
                     list->query.is_by_closeness ? "sort it by fields and walk it by cursors.next"
                                                 : "walk it by cursors.next instead");
    if (cab_complaints_settle(&complaints) != 0)
        return -1;
    list->scope = make_scope(list);
    if (list->summary.view == NULL && !list->query.count_asked && list->query.count == CAB_COUNT_EXACT)
        list->query.count = CAB_COUNT_ESTIMATED; /* exact up to the budget */
    if (list->query.cursor == NULL)
        return 0;
    return cab_cursor_read(call->mem, call->conf, list->scope, list->query.cursor, list->query.n_sort, &list->cursor,
                           err);
}

static int answer(struct cab_list *list, bool is_head, struct cab_err *err) {
    struct cab_call *call = list->call;
    const struct cab_result *result;
    struct cab_total total;
    struct cab_page page;

    if (cab_list_read(list, !is_head, &total, &result, err) != 0)
        return -1;
    cab_page_make(list, &total, result, &page);
    cab_page_headers(list, &total, &page);
    if (result != NULL && cab_expand_fetch(call, list->plan, result, 0, page.count, err) != 0)
        return -1;
    if (!is_head)
        cab_page_write(list, &total, &page, result, &call->response->body);
    return 0;
}

int cab_resource_list_table(struct cab_call *call, const struct cab_table *table, struct cab_err *err) {
    struct cab_list list;
    if (cab_admit(call, table, CAB_OP_LIST, err) != 0 || cab_list_plan(&list, call, table, err) != 0)
        return cab_refuse(call, err);
    if (cab_query_is_search(call->request))
        cab_db_patience(call->db, call->conf->db_search_timeout * 1000);
    int rc = answer(&list, call->request->method == CAB_HEAD, err);
    cab_db_patience(call->db, 0);
    return rc;
}

int cab_resource_list(struct cab_call *call, struct cab_err *err) {
    return cab_resource_list_table(call, call->table, err);
}

int cab_resource_query(struct cab_call *call, struct cab_err *err) {
    enum cab_body_type type;
    if (cab_request_body_type(call->request, CAB_BODY_JSON, &type, err) != 0)
        return cab_refuse(call, err);
    return cab_resource_list_table(call, call->table, err);
}
