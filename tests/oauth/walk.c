/*
 * walk: see walk.h.
 */
#include "walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct answer *control(const char *what, const char *body) {
    struct answer *answer = ASK(.method = "POST", .path = fmt("%s/control/%s", environment("CABINET_TEST_OIDC"), what),
                                .body = body);
    expect(answer, 200);
    return answer;
}

void next_is(const char *subject, const char *claims) {
    control("account", fmt("{\"sub\":\"%s\",\"claims\":%s}", subject, claims));
}

const char *next_is_new(void) {
    const char *name = unique("p");
    const char *email = fmt("%s@example.net", name);
    next_is(name, fmt("{\"email\":\"%s\",\"email_verified\":true,\"preferred_username\":\"%s\"}", email, name));
    return email;
}

const char *subject_of(const char *email) {
    return fmt("%.*s", (int)strcspn(email, "@"), email);
}

void spoil(const char *fault) {
    control("fault", fault != NULL ? fmt("{\"fault\":\"%s\"}", fault) : "{\"fault\":null}");
}

const char *signed_token(const char *claims, const char *fault) {
    struct answer *answer = control("sign", fault != NULL ? fmt("{\"claims\":%s,\"fault\":\"%s\"}", claims, fault)
                                                          : fmt("{\"claims\":%s}", claims));
    return text(answer, "/id_token");
}

long asked(const char *path) {
    struct json_object *value = NULL;
    struct answer *answer = control("counts", "{}");
    return json_object_object_get_ex(answer->json, path, &value) ? json_object_get_int64(value) : 0;
}

static const char *jar_make(void) {
    static char path[] = "/tmp/cabinet-oauth-XXXXXX";
    char *jar = fmt("%s", path);
    int fd = mkstemp(jar);
    cr_assert(fd >= 0);
    close(fd);
    return jar;
}

/* The value of an input of the page that posts itself. */
static const char *input(const char *page, const char *name) {
    const char *at = strstr(page, fmt("name=\"%s\"", name));
    if (at == NULL)
        return NULL;
    at = strstr(at, "value=\"");
    return at != NULL ? fmt("%.*s", (int)strcspn(at + 7, "\""), at + 7) : NULL;
}

/* Only what a value of a form may not hold as it is. */
static const char *encoded(const char *s) {
    char *out = calloc(3, strlen(s) + 1), *at = out;
    for (; *s != '\0'; s++)
        at += sprintf(at, strchr(":/?&=+%", *s) != NULL ? "%%%02X" : "%c", (unsigned char)*s);
    return out;
}

void walk_on(struct walk *walk, const char *url) {
    const char *home = environment("CABINET_TEST_URL");
    for (int i = 0; i < 10; i++) {
        struct answer *answer = ASK(.method = "GET", .path = url, .cookies = walk->jar);
        if (answer->status == 200) {
            const char *code = input(answer->body, "code"), *state = input(answer->body, "state"),
                       *iss = input(answer->body, "iss");
            cr_assert(code != NULL && state != NULL, "no form at %s: %s", url, answer->body);
            walk->is_form = true;
            walk->back = fmt("code=%s&state=%s&iss=%s", encoded(code), encoded(state), iss != NULL ? encoded(iss) : "");
            return;
        }
        const char *next = header(answer, "Location");
        cr_assert_not_null(next, "%s answered %d: %s", url, answer->status, answer->body);
        if (strncmp(next, home, strlen(home)) == 0) {
            walk->back = next + strlen(home);
            return;
        }
        size_t host = strcspn(strstr(url, "://") + 3, "/") + (size_t)(strstr(url, "://") + 3 - url);
        url = next[0] == '/' ? fmt("%.*s%s", (int)host, url, next) : next;
    }
    cr_assert_fail("the provider sends in circles");
}

struct walk walk_to(const char *provider) {
    struct walk walk = { .provider = provider, .jar = jar_make() };
    struct answer *answer = ASK(.method = "GET", .path = fmt("/api/v1/auth/oauth/%s/authorize", provider),
                                .cookies = walk.jar);
    expect(answer, 303);
    walk.set_cookie = header(answer, "Set-Cookie");
    cr_assert_not_null(walk.set_cookie);
    walk.cookie = fmt("Cookie: %.*s", (int)strcspn(walk.set_cookie, ";"), walk.set_cookie);
    cr_assert_str_eq(header(answer, "Cache-Control"), "no-store");
    walk_on(&walk, header(answer, "Location"));
    return walk;
}

struct answer *come_back_to(const struct walk *walk, const char *path, const char *cookie) {
    const char *id = fmt("X-Request-Id: %s", unique("oauthwalk"));
    if (walk->is_form)
        return ASK(.method = "POST", .path = path, .body = walk->back, .type = "application/x-www-form-urlencoded",
                   .headers = { id, "Origin: https://appleid.apple.com", cookie });
    return ASK(.method = "GET", .path = path, .headers = { id, "Accept: text/html,*/*;q=0.8", cookie });
}

struct answer *come_back(const struct walk *walk) {
    return come_back_to(walk, walk->is_form ? fmt("/api/v1/auth/oauth/%s/callback", walk->provider) : walk->back,
                        walk->cookie);
}

const char *back_value(const struct walk *walk, const char *name) {
    const char *at = strstr(walk->back, fmt("%s=", name));
    cr_assert_not_null(at, "%s is not in %s", name, walk->back);
    at += strlen(name) + 1;
    return fmt("%.*s", (int)strcspn(at, "&"), at);
}

const char *without(const char *url, const char *name) {
    const char *at = strstr(url, fmt("%s=", name));
    cr_assert_not_null(at);
    size_t n = strcspn(at, "&");
    return fmt("%.*s%s", (int)(at - url), url, at[n] == '&' ? at + n + 1 : at + n);
}

const char *picture(void) {
    return sql("SELECT md5((SELECT string_agg(u::text, ',' ORDER BY u.id) FROM users AS u)) || "
               "coalesce(md5((SELECT string_agg(i::text, ',' ORDER BY i.id) FROM user_identities AS i)), '-') || "
               "(SELECT count(*) FROM sessions) || '/' || (SELECT count(*) FROM mail_outbox)");
}

long recorded(const struct answer *answer, const char *action, const char *where) {
    return atol(sql(fmt("SELECT count(*) FROM audit_logs WHERE request_id = '%s' AND action = '%s' AND %s",
                        header(answer, "X-Request-Id"), action, where)));
}

static bool has_frontend(void) {
    const char *frontend = getenv("CABINET_TEST_FRONTEND");
    return frontend != NULL && *frontend != '\0';
}

static void expect_page(const struct answer *answer, const char *provider, const char *name, const char *value) {
    expect(answer, 303);
    cr_assert_str_eq(header(answer, "Location"), fmt("%s/oauth?provider=%s&%s=%s", getenv("CABINET_TEST_FRONTEND"),
                                                     provider, name, value));
}

void expect_refused(const struct answer *answer, const char *provider, const char *reason, const char *before) {
    if (answer->json == NULL && has_frontend())
        expect_page(answer, provider, "error", reason);
    else
        cr_assert(answer->status >= 401 && answer->status != 500, "%d for %s", answer->status, reason);
    const char *cookie = header(answer, "Set-Cookie");
    cr_assert(cookie == NULL || strncmp(cookie, "oauth_state=;", 13) == 0, "a refusal sets %s", cookie);
    cr_assert_eq(recorded(answer, "oauth_login", fmt("NOT success AND after->>'reason' = '%s' AND "
                                                     "after->>'provider' = '%s'", reason, provider)), 1,
                 "%s has no line of its own: %s", reason, answer->head);
    cr_assert_eq(recorded(answer, "oauth_login", "true"), 1);
    cr_assert_str_eq(picture(), before, "%s has changed something", reason);
}

void expect_signed_in(const struct answer *answer, const char *provider) {
    if (has_frontend() && answer->json == NULL)
        expect_page(answer, provider, "result", "signed_in");
    else
        expect(answer, 200);
    cr_assert_eq(recorded(answer, "oauth_login", fmt("success AND after->>'provider' = '%s'", provider)), 1);
    cr_assert_eq(recorded(answer, "oauth_login", "true"), 1);
}

/* The refresh cookie among the Set-Cookie headers. */
static const char *refresh_cookie(const struct answer *answer) {
    const char *at = strstr(answer->head, "refresh_token=");
    cr_assert_not_null(at, "no refresh cookie: %s", answer->head);
    cr_assert(strstr(at, "HttpOnly; SameSite=Strict") != NULL);
    return fmt("Cookie: %.*s", (int)strcspn(at, ";"), at);
}

struct answer *whoami(const struct walk *walk, const struct answer *answer) {
    (void)walk;
    struct answer *tokens = ASK(.method = "POST", .path = "/api/v1/auth/refresh",
                                .headers = { refresh_cookie(answer) });
    expect(tokens, 200);
    struct answer *me = get("/api/v1/users/me", text(tokens, "/access_token"));
    expect(me, 200);
    return me;
}
