/*
 * Commands on sessions: list them, end them.
 */
#include <cabinet/audit.h>
#include <stdio.h>
#include <string.h>

#include "admin/admin.h"
#include "statements.h"

static const char *const names[] = { "id", "date_created", "last_used", "expires", "ip", "user_agent" };

static void print_json(const struct admin *admin, const struct cab_result *sessions) {
    struct cab_buf buf;
    struct cab_json_writer w = { .buf = &buf };
    cab_buf_init(&buf, admin->mem, 1024);
    cab_json_open(&w, NULL, '[');
    for (int row = 0; row < cab_result_rows(sessions); row++) {
        cab_json_open(&w, NULL, '{');
        for (size_t i = 0; i < CAB_LENGTH(names); i++)
            cab_json_put(&w, names[i], cab_result_value(sessions, row, (int)i));
        cab_json_close(&w, '}');
    }
    cab_json_close(&w, ']');
    puts(buf.data);
}

void admin_print_plain(const char *text) {
    for (const unsigned char *c = (const unsigned char *)(text != NULL ? text : "-"); *c != '\0'; c++)
        putchar(*c < 0x20 || *c == 0x7F || (*c == 0xC2 && c[1] >= 0x80 && c[1] < 0xA0) ? '?' : *c);
}

int admin_sessions(struct admin *admin, struct cab_err *err) {
    struct cab_result *sessions;
    struct cab_user *user;

    if (admin_find(admin, admin->argument, &user, err) != 0)
        return -1;
    const char *id = cab_decimal(admin->mem, user->id);
    if (cab_db_query(admin->db, admin->mem, CAB_SHAPE_ANY, cab_sql_text_session_list, 1, &id, &sessions, err) != 0)
        return -1;
    if (admin->json) {
        print_json(admin, sessions);
        return ADMIN_DONE;
    }
    if (cab_result_rows(sessions) == 0)
        puts("no open sessions");
    for (int row = 0; row < cab_result_rows(sessions); row++) {
        printf("%s  since %s  until %s  from ", cab_result_value(sessions, row, 0), cab_result_value(sessions, row, 1),
               cab_result_value(sessions, row, 3));
        admin_print_plain(cab_result_value(sessions, row, 4));
        printf("  by ");
        admin_print_plain(cab_result_value(sessions, row, 5));
        putchar('\n');
    }
    return ADMIN_DONE;
}

static int revoke_one(struct admin *admin, const char *session_id, struct cab_err *err) {
    struct cab_result *ended;
    struct cab_pipe *pipe = cab_pipe_make(admin->mem, admin->db, true);
    struct cab_event event = { .action = CAB_ACTION_SESSION_REVOKED, .success = true };

    if (cab_db_query(admin->db, admin->mem, CAB_SHAPE_MAYBE, cab_sql_text_session_owner, 1, &session_id, &ended, err) !=
        0)
        return -1;
    if (cab_result_rows(ended) == 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such session.");
    const char *values[] = { session_id, cab_result_value(ended, 0, 0) };
    event.user_id = values[1];
    event.only_session = session_id;
    cab_audit_event_add(admin->mem, pipe, &event);
    cab_pipe_add(pipe, CAB_SHAPE_MAYBE, cab_sql_text_session_end, 2, values);
    if (cab_pipe_run(pipe, err) != 0)
        return -1;
    admin_say(admin, "The session has ended.");
    return ADMIN_DONE;
}

int admin_revoke(struct admin *admin, struct cab_err *err) {
    unsigned char bytes[16];
    struct cab_user *user;

    if (cab_uuid_parse(admin->argument, bytes))
        return revoke_one(admin, admin->argument, err);
    if (admin_find(admin, admin->argument, &user, err) != 0)
        return -1;
    const char *values[] = { cab_decimal(admin->mem, user->id), NULL };
    struct cab_event event = { .action = CAB_ACTION_SESSION_REVOKED, .user_id = values[0], .success = true };
    struct cab_pipe *pipe = cab_pipe_make(admin->mem, admin->db, true);
    int at = cab_pipe_add(pipe, CAB_SHAPE_NONE, cab_sql_text_session_end_all, 2, values);
    cab_audit_event_add(admin->mem, pipe, &event);
    if (cab_pipe_run(pipe, err) != 0)
        return -1;
    admin_say(admin, "Sessions of %s that have ended: %lld.", user->email,
              (long long)cab_result_affected(cab_pipe_result(pipe, at)));
    return ADMIN_DONE;
}
