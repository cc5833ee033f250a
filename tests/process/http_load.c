/*
 * http_load: see http_load.h.
 */
#include "process/http_load.h"

#include "api/client.h"
#include "process/fcgi.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { THREADS_MAX = 32, WRITES_MAX = 20000 };

struct actor {
    struct http_load *load;
    pthread_t thread;
    bool is_writer;
    const struct person *person;
    const char *prefix;
    int n_sent;
    unsigned char acknowledged[WRITES_MAX]; /* by number of the write */
};

struct http_load {
    const char *url;
    int n;
    struct actor actors[THREADS_MAX];
    atomic_bool is_over;
    pthread_mutex_t lock;
    struct http_tally tally;
};

struct seen { bool is_problem, has_retry_after; };

static size_t ignore(char *data, size_t one, size_t n, void *to) {
    (void)data;
    (void)to;
    return one * n;
}

static size_t look_at(char *line, size_t one, size_t n, void *to) {
    struct seen *seen = to;
    if (one * n > 38 && strncasecmp(line, "content-type: application/problem+json", 38) == 0)
        seen->is_problem = true;
    if (one * n > 12 && strncasecmp(line, "retry-after:", 12) == 0)
        seen->has_retry_after = true;
    return one * n;
}

static void count_answer(struct http_load *load, long status, const struct seen *seen, double seconds) {
    struct http_tally *t = &load->tally;
    pthread_mutex_lock(&load->lock);
    t->total++;
    if (seconds > t->slowest)
        t->slowest = seconds;
    if (status == 200) {
        t->ok++;
    } else {
        t->last_failure = now_seconds();
        t->no_problem += !seen->is_problem;
        if (status == 502) {
            t->bad_gateway++;
        } else if (status == 503) {
            t->unavailable++;
            t->no_retry_after += !seen->has_retry_after;
        } else {
            t->other++;
            t->first_other = (int)status;
        }
    }
    pthread_mutex_unlock(&load->lock);
}

static void *act(void *arg) {
    struct actor *actor = arg;
    struct http_load *load = actor->load;
    char url[256], token[2048], body[128];
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = NULL;
    struct seen seen;

    snprintf(url, sizeof url, "%s/api/v1/users/me", load->url);
    snprintf(token, sizeof token, "Authorization: Bearer %s", actor->person->token);
    headers = curl_slist_append(headers, token);
    headers = curl_slist_append(headers, "Content-Type: application/json");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, look_at);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &seen);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    while (!atomic_load(&load->is_over) && actor->n_sent < WRITES_MAX) {
        int number = actor->n_sent++;
        long status = 0;
        if (actor->is_writer) {
            snprintf(body, sizeof body, "{\"username\": \"%s_%d\"}", actor->prefix, number);
            curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        }
        memset(&seen, 0, sizeof seen);
        double began = now_seconds();
        if (curl_easy_perform(curl) == CURLE_OK)
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        count_answer(load, status, &seen, now_seconds() - began);
        actor->acknowledged[number] = status == 200;
        sleep_ms(status == 200 ? 1 : 10);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return NULL;
}

struct http_load *http_load_start(int readers, int writers) {
    struct http_load *load = calloc(1, sizeof *load);
    cr_assert(load != NULL && readers + writers <= THREADS_MAX);
    load->url = environment("CABINET_TEST_URL");
    pthread_mutex_init(&load->lock, NULL);
    for (int i = 0; i < readers + writers; i++) {
        struct actor *actor = &load->actors[load->n++];
        *actor = (struct actor){ .load = load, .is_writer = i >= readers, .person = someone(), .prefix = unique("w") };
    }
    for (int i = 0; i < load->n; i++)
        cr_assert(pthread_create(&load->actors[i].thread, NULL, act, &load->actors[i]) == 0);
    return load;
}

struct http_tally http_load_stop(struct http_load *load) {
    atomic_store(&load->is_over, true);
    for (int i = 0; i < load->n; i++)
        pthread_join(load->actors[i].thread, NULL);
    return load->tally;
}

/* How often each number stands behind the prefix in the trail's usernames. */
static void verify_writer(const struct actor *actor) {
    static int times[WRITES_MAX];
    size_t skip = strlen(actor->prefix) + 1;
    long lost = 0, twice = 0, acknowledged = 0;

    memset(times, 0, sizeof times);
    char *trail = sql(fmt("SELECT after ->> 'username' FROM public.audit_logs WHERE table_name = 'users' "
                          "AND row_key = '%ld' AND action = 'row_update' AND after ? 'username'", actor->person->id));
    for (char *line = strtok(trail, "\n"); line != NULL; line = strtok(NULL, "\n"))
        if (strncmp(line, actor->prefix, skip - 1) == 0 && line[skip - 1] == '_')
            times[atoi(line + skip)]++;
    for (int i = 0; i < actor->n_sent; i++) {
        acknowledged += actor->acknowledged[i];
        lost += actor->acknowledged[i] && times[i] == 0;
        twice += times[i] > 1;
    }
    cr_expect(acknowledged > 0, "the writer has written something");
    cr_expect(lost == 0, "%ld of %ld acknowledged writes are lost", lost, acknowledged);
    cr_expect(twice == 0, "%ld writes were done twice", twice);
}

void http_load_verify(struct http_load *load) {
    for (int i = 0; i < load->n; i++)
        if (load->actors[i].is_writer)
            verify_writer(&load->actors[i]);
    pthread_mutex_destroy(&load->lock);
    free(load);
}
