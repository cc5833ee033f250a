/*
 * Pages for a person's browser.  All text comes from tables of the program, none from the request.
 */
#include "daemon/pages.h"

#include <string.h>

static void add_html(struct cab_buf *buf, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '<')
            cab_buf_adds(buf, "&lt;");
        else if (*text == '&')
            cab_buf_adds(buf, "&amp;");
        else
            cab_buf_addc(buf, *text);
    }
}

int cab_page_problem(struct cab_call *call, struct cab_err *err) {
    for (int i = CAB_PROBLEM_NONE + 1; i < CAB_PROBLEM__MAX; i++) {
        const struct cab_problem_info *info = cab_problem_info((enum cab_problem)i);
        if (strcmp(info->code, call->capture[0]) != 0 || i == CAB_PROBLEM_REPLAN)
            continue;
        struct cab_buf *body = &call->response->body;
        call->response->status = 200;
        call->response->content_type = "text/html; charset=utf-8";
        cab_response_header(call->response, "Cache-Control", "public, max-age=3600");
        cab_buf_adds(body, "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>");
        add_html(body, info->title);
        cab_buf_adds(body, "</title>\n<meta name=\"viewport\" content=\"width=device-width\">\n<h1>");
        add_html(body, info->title);
        cab_buf_addf(body, "</h1>\n<p>Status %d, code <code>%s</code></p>\n<p>", info->status, info->code);
        add_html(body, info->doc);
        cab_buf_adds(body, "</p>\n</html>\n");
        return 0;
    }
    return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no problem with this code.");
}
