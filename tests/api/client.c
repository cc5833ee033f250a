/*
 * client: see client.h.
 */
#include "client.h"

#include <curl/curl.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

const char *environment(const char *name) {
    const char *value = getenv(name);
    cr_assert(value != NULL && *value != '\0', "%s is not set; deploy/check runs these tests", name);
    return value;
}

char *fmt(const char *format, ...) {
    char *s = NULL;
    va_list ap;
    va_start(ap, format);
    int n = vasprintf(&s, format, ap);
    va_end(ap);
    cr_assert(n >= 0);
    return s;
}

struct bytes { char *data; size_t size; };

static size_t collect(char *data, size_t one, size_t n, void *to) {
    struct bytes *bytes = to;
    bytes->data = realloc(bytes->data, bytes->size + one * n + 1);
    cr_assert(bytes->data != NULL);
    memcpy(bytes->data + bytes->size, data, one * n);
    bytes->size += one * n;
    bytes->data[bytes->size] = '\0';
    return one * n;
}

/* Only the last response's head is kept: a 100 Continue may come before it. */
static size_t collect_head(char *data, size_t one, size_t n, void *to) {
    struct bytes *bytes = to;
    if (one * n > 5 && memcmp(data, "HTTP/", 5) == 0)
        bytes->size = 0;
    return collect(data, one, n, to);
}

static CURL *handle(void) {
    static CURL *curl;
    static pid_t owner;
    if (curl == NULL || owner != getpid()) { /* a child must not use the connections of its parent */
        if (curl == NULL)
            curl_global_init(CURL_GLOBAL_ALL);
        owner = getpid();
        curl = curl_easy_init();
        cr_assert(curl != NULL);
    }
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_COOKIELIST, "ALL"); /* the handle's own memory; jars are files */
    return curl;
}

static void set_method(CURL *curl, const struct ask *ask) {
    if (ask->body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)(ask->size != 0 ? ask->size : strlen(ask->body)));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->body);
    }
    if (strcmp(ask->method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ask->method);
}

static struct curl_slist *make_headers(const struct ask *ask) {
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    if (ask->body != NULL && ask->type != NULL && *ask->type == '\0')
        list = curl_slist_append(list, "Content-Type:");
    else if (ask->body != NULL)
        list = curl_slist_append(list, fmt("Content-Type: %s", ask->type != NULL ? ask->type : "application/json"));
    if (ask->token != NULL)
        list = curl_slist_append(list, fmt("Authorization: Bearer %s", ask->token));
    for (size_t i = 0; i < sizeof(ask->headers) / sizeof(ask->headers[0]) && ask->headers[i] != NULL; i++)
        list = curl_slist_append(list, ask->headers[i]);
    return list;
}

struct answer *ask(const struct ask *ask) {
    CURL *curl = handle();
    struct bytes head = { NULL, 0 }, body = { NULL, 0 };
    char error[CURL_ERROR_SIZE] = "";
    bool whole = strncmp(ask->path, "http", 4) == 0;
    const char *base = whole ? "" : environment(ask->http2 ? "CABINET_TEST_TLS_URL" : "CABINET_TEST_URL");
    char *url = fmt("%s%s", base, ask->path);
    struct curl_slist *headers = make_headers(ask);

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, ask->http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, collect_head);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &head);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (ask->cookies != NULL) {
        curl_easy_setopt(curl, CURLOPT_COOKIEFILE, ask->cookies);
        curl_easy_setopt(curl, CURLOPT_COOKIEJAR, ask->cookies);
    }
    set_method(curl, ask);
    CURLcode code = curl_easy_perform(curl);
    cr_assert(code == CURLE_OK, "%s %s: %s %s", ask->method, ask->path, curl_easy_strerror(code), error);

    struct answer *answer = calloc(1, sizeof(*answer));
    cr_assert(answer != NULL);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME, &answer->seconds);
    answer->status = (int)status;
    answer->head = head.data != NULL ? head.data : strdup("");
    answer->body = body.data != NULL ? body.data : strdup("");
    answer->size = body.size;
    answer->json = body.size > 0 ? json_tokener_parse(answer->body) : NULL;
    if (ask->cookies != NULL)
        curl_easy_setopt(curl, CURLOPT_COOKIELIST, "FLUSH");
    curl_slist_free_all(headers);
    free(url);
    return answer;
}

struct answer *get(const char *path, const char *token) {
    return ASK(.method = "GET", .path = path, .token = token);
}

struct answer *post(const char *path, const char *token, const char *body) {
    return ASK(.method = "POST", .path = path, .token = token, .body = body);
}

struct answer *put(const char *path, const char *token, const char *body) {
    return ASK(.method = "PUT", .path = path, .token = token, .body = body);
}

struct answer *patch(const char *path, const char *token, const char *body) {
    return ASK(.method = "PATCH", .path = path, .token = token, .body = body);
}

struct answer *drop(const char *path, const char *token) {
    return ASK(.method = "DELETE", .path = path, .token = token);
}

/* The start of line i with that name, or NULL. */
static const char *find_header(const struct answer *answer, const char *name, int i) {
    size_t n = strlen(name);
    for (const char *line = answer->head; line != NULL && *line != '\0';) {
        if (strncasecmp(line, name, n) == 0 && line[n] == ':' && i-- == 0)
            return line + n + 1;
        line = strchr(line, '\n');
        if (line != NULL)
            line++;
    }
    return NULL;
}

const char *header(const struct answer *answer, const char *name) {
    const char *value = find_header(answer, name, 0);
    if (value == NULL)
        return NULL;
    value += strspn(value, " ");
    return strndup(value, strcspn(value, "\r\n"));
}

int header_count(const struct answer *answer, const char *name) {
    int n = 0;
    while (find_header(answer, name, n) != NULL)
        n++;
    return n;
}

struct json_object *at(const struct answer *answer, const char *pointer) {
    struct json_object *value = NULL;
    cr_assert(answer->json != NULL, "%d, no JSON: %s", answer->status, answer->body);
    int found = json_pointer_get(answer->json, pointer, &value);
    cr_assert(found == 0, "nothing at %s in %d: %s", pointer, answer->status, answer->body);
    return value;
}

bool has(const struct answer *answer, const char *pointer) {
    struct json_object *value = NULL;
    return answer->json != NULL && json_pointer_get(answer->json, pointer, &value) == 0;
}

static struct json_object *typed(const struct answer *answer, const char *pointer, enum json_type type) {
    struct json_object *value = at(answer, pointer);
    cr_assert(json_object_is_type(value, type), "%s is no %s in %s", pointer, json_type_to_name(type), answer->body);
    return value;
}

const char *text(const struct answer *answer, const char *pointer) {
    return json_object_get_string(typed(answer, pointer, json_type_string));
}

long number(const struct answer *answer, const char *pointer) {
    return (long)json_object_get_int64(typed(answer, pointer, json_type_int));
}

bool flag(const struct answer *answer, const char *pointer) {
    return json_object_get_boolean(typed(answer, pointer, json_type_boolean));
}

bool is_null(const struct answer *answer, const char *pointer) {
    return at(answer, pointer) == NULL;
}

int count(const struct answer *answer, const char *pointer) {
    return (int)json_object_array_length(typed(answer, pointer, json_type_array));
}

void expect(const struct answer *answer, int status) {
    cr_assert(answer->status == status, "expected %d, got %d: %s", status, answer->status, answer->body);
}

void expect_problem(const struct answer *answer, int status, const char *code) {
    expect(answer, status);
    const char *type = header(answer, "Content-Type");
    cr_assert(type != NULL && strncmp(type, "application/problem+json", 24) == 0, "type is %s", type);
    if (code != NULL)
        cr_assert_str_eq(text(answer, "/code"), code, "code of %s", answer->body);
    cr_assert_eq(number(answer, "/status"), status);
    cr_assert_str_not_empty(text(answer, "/title"));
    cr_assert_str_eq(text(answer, "/type"), fmt("/problems/%s", text(answer, "/code")));
    const char *id = header(answer, "X-Request-Id");
    cr_assert_not_null(id, "no X-Request-Id: %s", answer->head);
    cr_assert_str_eq(text(answer, "/request_id"), id);
    if (has(answer, "/detail"))
        cr_assert(strstr(text(answer, "/detail"), "SELECT ") == NULL);
}

void expect_flaw(const struct answer *answer, const char *place, const char *name, const char *code) {
    int n = count(answer, "/errors");
    for (int i = 0; i < n; i++) {
        char *pointer = fmt("/errors/%d/%s", i, place);
        if (has(answer, pointer) && strcmp(text(answer, pointer), name) == 0) {
            cr_assert_str_not_empty(text(answer, fmt("/errors/%d/detail", i)));
            if (code != NULL)
                cr_assert_str_eq(text(answer, fmt("/errors/%d/code", i)), code, "in %s", answer->body);
            return;
        }
    }
    cr_assert(false, "no error names %s %s: %s", place, name, answer->body);
}

const char *unique(const char *prefix) {
    static unsigned counter;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return fmt("%s%lx%x%x%x", prefix, (unsigned long)now.tv_sec & 0xffffff, (unsigned)(now.tv_nsec >> 10),
               (unsigned)getpid(), counter++);
}

struct answer *login(const char *name, const char *password) {
    struct json_object *body = json_object_new_object();
    json_object_object_add(body, "username", json_object_new_string(name));
    json_object_object_add(body, "password", json_object_new_string(password));
    return post("/api/v1/auth/login", NULL, json_object_to_json_string(body));
}

struct person *registered(void) {
    struct person *person = calloc(1, sizeof(*person));
    cr_assert(person != NULL);
    person->username = unique("u");
    person->email = fmt("%s@example.org", person->username);
    person->password = PASSWORD;
    struct answer *answer = post("/api/v1/auth/register", NULL,
                                 fmt("{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"%s\"}", person->email,
                                     person->username, PASSWORD));
    expect(answer, 201);
    person->id = number(answer, "/id");
    return person;
}

struct person *someone(void) {
    struct person *person = registered();
    struct answer *answer = login(person->email, person->password);
    expect(answer, 200);
    person->token = text(answer, "/access_token");
    person->refresh = text(answer, "/refresh_token");
    return person;
}

const char *first_superuser(void) {
    static const char *token;
    if (token == NULL) {
        struct answer *answer = login(environment("CABINET_TEST_ADMIN"), environment("CABINET_TEST_ADMIN_PASSWORD"));
        expect(answer, 200);
        token = text(answer, "/access_token");
    }
    return token;
}

const char *admin(void) {
    static const char *token;
    if (token == NULL) {
        struct person *person = registered();
        sql(fmt("UPDATE public.users SET is_superuser = true WHERE id = %ld", person->id));
        struct answer *answer = login(person->email, person->password);
        expect(answer, 200);
        token = text(answer, "/access_token");
    }
    return token;
}

char *sql(const char *statement) {
    char *command = fmt("psql -XqAt -v ON_ERROR_STOP=1 '%s'", environment("CABINET_TEST_DATABASE"));
    char path[] = "/tmp/cabinet-test-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert(write(fd, statement, strlen(statement)) == (ssize_t)strlen(statement));
    close(fd);
    FILE *pipe = popen(fmt("%s < %s", command, path), "r");
    cr_assert_not_null(pipe);
    struct bytes out = { NULL, 0 };
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof(chunk), pipe)) > 0;)
        collect(chunk, 1, n, &out);
    int status = pclose(pipe);
    unlink(path);
    cr_assert(status == 0, "psql failed on: %s", statement);
    if (out.size > 0 && out.data[out.size - 1] == '\n')
        out.data[out.size - 1] = '\0';
    return out.data != NULL ? out.data : strdup("");
}

static bool file_holds(const char *path, const char *text) {
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    struct bytes all = { NULL, 0 };
    char chunk[65536];
    for (size_t n; (n = fread(chunk, 1, sizeof(chunk), file)) > 0;)
        collect(chunk, 1, n, &all);
    fclose(file);
    bool found = all.size > 0 && memmem(all.data, all.size, text, strlen(text)) != NULL;
    free(all.data);
    return found;
}

bool logged(const char *text) {
    const char *folder = environment("CABINET_TEST_LOGS");
    DIR *dir = opendir(folder);
    cr_assert_not_null(dir);
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(dir)) != NULL;)
        found = entry->d_name[0] != '.' && file_holds(fmt("%s/%s", folder, entry->d_name), text);
    closedir(dir);
    return found;
}
