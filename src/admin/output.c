/*
 * What commands print: lines for people, or JSON.
 */
#include <stdio.h>

#include "admin/admin.h"

void admin_say(const struct admin *admin, const char *fmt, ...) {
    struct cab_buf buf;
    struct cab_json_writer w = { .buf = &buf };
    va_list ap;

    va_start(ap, fmt);
    char *text = cab_vprintf(admin->mem, fmt, ap);
    va_end(ap);
    if (!admin->json) {
        puts(text);
        return;
    }
    cab_buf_init(&buf, admin->mem, 128);
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "done", text);
    cab_json_close(&w, '}');
    puts(buf.data);
}

void admin_print_user(const struct admin *admin, const struct cab_user *user) {
    struct cab_buf buf;
    struct cab_json_writer w = { .buf = &buf };

    if (!admin->json) {
        printf("id            %lld\nemail         %s\nusername      %s\nis_verified   %s\nis_superuser  %s\n"
               "date_created  %s\n",
               (long long)user->id, user->email, user->username, user->is_verified ? "yes" : "no",
               user->is_superuser ? "yes" : "no", user->date_created);
        return;
    }
    cab_buf_init(&buf, admin->mem, 256);
    cab_json_open(&w, NULL, '{');
    cab_json_put_int(&w, "id", user->id);
    cab_json_put(&w, "email", user->email);
    cab_json_put(&w, "username", user->username);
    cab_json_put_raw(&w, "is_verified", user->is_verified ? "true" : "false");
    cab_json_put_raw(&w, "is_superuser", user->is_superuser ? "true" : "false");
    cab_json_put(&w, "date_created", user->date_created);
    cab_json_close(&w, '}');
    puts(buf.data);
}
