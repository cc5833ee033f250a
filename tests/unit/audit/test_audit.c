#include "../account/stand.h"

#include <cabinet/audit.h>
#include <string.h>

Test(actions, each_has_a_name_of_its_own) {
    for (enum cab_action a = 1; a < CAB_ACTION__MAX; a++) {
        const char *name = cab_action_name(a);
        cr_assert_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name), "%s", name);
        cr_assert_gt(strlen(cab_action_doc(a)), 10);
        for (enum cab_action b = 1; b < a; b++)
            cr_assert_str_neq(name, cab_action_name(b));
    }
}

Test(senders, only_addresses_and_text_are_stored) {
    struct cab_request request = { .remote_addr = "192.0.2.1", .user_agent = "curl/8" };
    cr_assert_str_eq(cab_audit_ip(&request), "192.0.2.1");
    cr_assert_str_eq(cab_audit_user_agent(&request), "curl/8");
    request.remote_addr = "2001:db8::1";
    cr_assert_str_eq(cab_audit_ip(&request), "2001:db8::1");
    const char *const bad[] = { "unix:", "192.0.2.1, 10.0.0.1", "::1%eth0", "", NULL };
    for (size_t i = 0; i < CAB_LENGTH(bad); i++) {
        request.remote_addr = bad[i];
        cr_assert_null(cab_audit_ip(&request));
    }
    request.user_agent = "\xFF";
    cr_assert_null(cab_audit_user_agent(&request));
    request.user_agent = NULL;
    cr_assert_null(cab_audit_user_agent(&request));
}

Test(trail, is_a_list_for_superusers) {
    struct stand stand;
    stand_open(&stand);
    struct person boss = make_superuser(&stand), person = make_person(&stand);
    const char *path = cab_printf(stand.mem, "/admin/audit-logs?user_id=%s&action=login&page=1&size=50", person.id);
    struct answer *answer = stand_ask(&stand, "GET", path, boss.access, NULL, NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(text_of(answer, "total"), "1");
    const struct cab_json *item = cab_json_item(cab_json_get(answer->json, "items"), 0);
    cr_assert_str_eq(cab_json_text(cab_json_get(item, "user_id"), NULL), person.id);
    cr_assert_str_eq(cab_json_text(cab_json_get(item, "action"), NULL), "login");
    cr_assert_eq(stand_ask(&stand, "GET", path, person.access, NULL, NULL)->status, 403);
    cr_assert_eq(stand_ask(&stand, "GET", path, NULL, NULL, NULL)->status, 401);
    stand_close(&stand);
}

Test(trail, the_program_can_only_add_to_it) {
    struct stand stand;
    struct cab_err err = { 0 };
    stand_open(&stand);
    const char *const statements[] = { "UPDATE public.audit_logs SET success = true", "DELETE FROM public.audit_logs",
                                       "TRUNCATE public.audit_logs", "SELECT * FROM public.user_secrets" };
    for (size_t i = 0; i < CAB_LENGTH(statements); i++) {
        cr_assert_eq(cab_db_exec(stand.db, statements[i], &err), -1, "%s", statements[i]);
        cr_assert_str_eq(err.sqlstate, "42501");
        cab_err_clear(&err);
    }
    stand_close(&stand);
}
