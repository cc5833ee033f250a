/*
 * Bodies: what may be set by whom, and what is said of the rest.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"
#include "resource/admit.h"
#include "resource/change.h"

/* "column=value …" of the change, or the flaws behind "!". */
static const char *change(void *mem, enum who who, const char *table, enum cab_op op, const char *body) {
    struct cab_err err = { 0 };
    struct cab_change made;
    const struct cab_json *json;
    struct cab_buf buf;
    struct cab_call *call = fixture_call(mem, who, "POST", "/x", table, body);
    cr_assert_eq(cab_json_parse(mem, body, strlen(body), &json, &err), 0, "%s", err.detail);
    if (cab_change_from_json(call, call->table, op, json, NULL, 0, &made, &err) != 0) {
        cr_expect_eq(err.problem, CAB_PROBLEM_INVALID);
        return cab_printf(mem, "!%s", fixture_flaws(mem, &err));
    }
    cab_buf_init(&buf, mem, 64);
    for (int i = 0; i < made.n_assignments; i++)
        cab_buf_addf(&buf, "%s%s=%s", i > 0 ? " " : "", made.assignments[i].column->name,
                     made.assignments[i].value != NULL ? made.assignments[i].value : "NULL");
    return buf.data;
}

Test(change, create_and_update) {
    static const struct { enum who who; const char *table; enum cab_op op; const char *body, *change; } cases[] = {
        { PERSON, "notes", CAB_OP_CREATE, "{\"title\":\"x\"}", "owner_id=7 title=x" },
        { PERSON, "notes", CAB_OP_CREATE, "{\"body\":null,\"rank\":3,\"title\":\"x\",\"code\":\"c\"}",
          "owner_id=7 title=x body=NULL rank=3 code=c" },
        { ADMIN, "notes", CAB_OP_CREATE, "{\"title\":\"x\"}", "owner_id=1 title=x" },
        { PERSON, "notes", CAB_OP_CREATE, "{}", "!field:title:required" },
        { PERSON, "notes", CAB_OP_CREATE, "{\"title\":null}", "!field:title:required" },
        { PERSON, "notes", CAB_OP_CREATE, "[]", "!" },
        { PERSON, "notes", CAB_OP_CREATE,
          "{\"id\":1,\"owner_id\":2,\"date_created\":\"x\",\"row_version\":1,"
          "\"deleted_at\":null,\"is_deleted\":true,\"titel\":\"x\"}",
          "!field:id:read_only field:owner_id:read_only field:date_created:read_only field:row_version:unknown "
          "field:deleted_at:read_only field:is_deleted:read_only field:titel:unknown field:title:required" },
        { PERSON, "notes", CAB_OP_UPDATE, "{\"title\":\"x\",\"code\":\"c\"}", "!field:code:read_only" },
        { ADMIN, "notes", CAB_OP_UPDATE, "{\"code\":\"c\"}", "!field:code:read_only" },
        { PERSON, "notes", CAB_OP_UPDATE, "{\"rank\":99999,\"color\":\"blue\",\"title\":5}",
          "!field:rank:out_of_range field:color:not_one_of field:title:type" },
        { PERSON, "notes", CAB_OP_UPDATE, "{}", "" },
        { PERSON, "users", CAB_OP_UPDATE, "{\"is_verified\":true,\"id\":1,\"secret\":\"x\"}",
          "!field:is_verified:read_only field:id:read_only field:secret:unknown" },
        { ADMIN, "users", CAB_OP_UPDATE, "{\"is_verified\":true}", "is_verified=true" },
        { ADMIN, "kinds", CAB_OP_CREATE, "{\"pair\":{},\"tags\":[1]}", "!field:pair:read_only field:/tags/0:type" },
        { ADMIN, "kinds", CAB_OP_UPDATE, "{\"id\":\"01234567-89ab-cdef-0123-456789abcdef\"}", "!field:id:read_only" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        const char *got = change(mem, cases[i].who, cases[i].table, cases[i].op, cases[i].body);
        cr_expect_str_eq(got, cases[i].change, "%s: %s", cases[i].body, got);
    }
    cab_mem_free(mem);
}

Test(change, extras_are_handed_over) {
    static const char body[] = "{\"password\":\"p\",\"title\":\"x\"}";
    struct cab_err err = { 0 };
    struct cab_change made;
    const struct cab_json *json;
    struct cab_extra_field extras[] = { { .name = "password" }, { .name = "other" } };
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_call *call = fixture_call(mem, PERSON, "POST", "/x", "notes", body);
    cr_assert_eq(cab_json_parse(mem, body, strlen(body), &json, &err), 0);
    cr_assert_eq(cab_change_from_json(call, call->table, CAB_OP_CREATE, json, extras, 2, &made, &err), 0);
    cr_expect_str_eq(cab_json_text(extras[0].value, NULL), "p");
    cr_expect_null(extras[1].value);
    cab_change_set(call, &made, "title", "y");
    cab_change_set(call, &made, "body", NULL);
    cr_assert_eq(made.n_assignments, 3);
    cr_expect_str_eq(made.assignments[1].value, "y");
    cab_mem_free(mem);
}

Test(change, replacement_takes_defaults) {
    static const char body[] = "{\"title\":\"x\"}";
    struct cab_err err = { 0 };
    struct cab_complaints complaints;
    struct cab_change made;
    struct cab_view view;
    const struct cab_json *json;
    struct cab_buf names;
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_call *call = fixture_call(mem, PERSON, "PUT", "/x", "notes", body);
    cr_assert_eq(cab_json_parse(mem, body, strlen(body), &json, &err), 0);
    cab_view_init(&view, call, call->table);
    cab_complaints_init(&complaints, mem, &err);
    cab_change_read(call, &view, CAB_OP_UPDATE, json, "", NULL, 0, &complaints, &made);
    cab_change_complete(call, &view, &made, &complaints);
    cr_assert_eq(complaints.n, 0);
    cab_buf_init(&names, mem, 64);
    for (int i = 0; i < made.n_assignments; i++)
        cab_buf_addf(&names, "%s%s ", made.assignments[i].column->name, made.assignments[i].is_default ? "*" : "");
    cr_expect_str_eq(names.data, "title a__b* a* body* rank* color* ", "%s", names.data);
    cab_mem_free(mem);
}

Test(match, headers) {
    static const struct { const char *header; int rc; const char *versions; } cases[] = {
        { "*", 0, NULL }, { "\"17.ab\"", 0, "{17}" }, { "W/\"17.ab\"", 0, "{17}" },
        { "\"17.ab\", W/\"18.cd\" ,\"x\"", 0, "{17,18,-1}" }, { "\"\"", 0, "{-1}" },
        { "\"99999999999999999999.a\"", 0, "{-1}" }, { "\"-5.a\"", 0, "{-1}" }, { "17", -1, NULL }, { "", -1, NULL },
        { "\"17", -1, NULL }, { "\"17\" \"18\"", -1, NULL }, { "\"17\",", -1, NULL }, { "*,\"1\"", -1, NULL },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_match match;
        cr_expect_eq(cab_match_read(mem, cases[i].header, &match), cases[i].rc, "%s", cases[i].header);
        if (cases[i].versions != NULL)
            cr_expect_str_eq(match.versions, cases[i].versions);
    }
    cr_expect(cab_match_none("W/\"17.ab\", \"18.cd\"", "\"18.cd\""));
    cr_expect(cab_match_none("W/\"17.ab\"", "\"17.ab\""));
    cr_expect(cab_match_none("*", "\"17.ab\""));
    cr_expect_not(cab_match_none("\"17.abc\"", "\"17.ab\""));
    cr_expect_not(cab_match_none(NULL, "\"17.ab\""));
    cab_mem_free(mem);
}

Test(admit, who_may) {
    static const struct { enum who who; const char *table; enum cab_op op; enum cab_problem problem; } cases[] = {
        { NOBODY, "notes", CAB_OP_LIST, CAB_PROBLEM_UNAUTHENTICATED },
        { PERSON, "notes", CAB_OP_LIST, CAB_PROBLEM_NONE },
        { PERSON, "users", CAB_OP_PURGE, CAB_PROBLEM_FORBIDDEN },
        { PERSON, "kinds", CAB_OP_RESTORE, CAB_PROBLEM_FORBIDDEN },
        { ADMIN, "users", CAB_OP_PURGE, CAB_PROBLEM_NONE },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_err err = { 0 };
        struct cab_call *call = fixture_call(mem, cases[i].who, "GET", "/x", cases[i].table, NULL);
        cr_expect_eq(cab_admit(call, call->table, cases[i].op, &err), cases[i].problem == CAB_PROBLEM_NONE ? 0 : -1);
        cr_expect_eq(err.problem, cases[i].problem, "case %zu: %d", i, err.problem);
    }
    cab_mem_free(mem);
}
