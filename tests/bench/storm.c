/*
 * What a storm costs those who read: GET /users/me at a steady rate, first alone, then while logins come in at 50 a
 * second, in one run.  Prints the percentiles of both and the ratio of p99; status 1 where that is 2 or more, or where
 * a read failed.  With --search the storm are searches for that text, of which half the requests are; status 1 then
 * from 3 on.
 *
 *   bench-storm URL [--seconds N] [--reads PER-SECOND] [--logins PER-SECOND | --search TEXT]
 *
 * Each request has its time in a schedule and is late where it could not be sent then, so that waiting counts.  The
 * instance's limits must be off (LOGIN_ATTEMPTS=0 and so on, LOGIN_RATE), or the storm is answered 429.
 */
#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { READERS = 16, STORMERS = 96, STATUSES = 600 };

struct stream {
    const char *url, *body; /* body NULL: GET */
    char header[4200];      /* of authorization, or "" */
    double begin, rate;     /* requests a second */
    long n;
    atomic_long next;
    double *latency;        /* of each, seconds from its time in the schedule; <0: not answered */
    atomic_long statuses[STATUSES];
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t drop(char *data, size_t one, size_t n, void *to) {
    (void)data;
    (void)to;
    return one * n;
}

struct text {
    char bytes[8192];
    size_t n;
};

static size_t keep(char *data, size_t one, size_t n, void *to) {
    struct text *text = to;
    size_t room = sizeof text->bytes - 1 - text->n, m = one * n < room ? one * n : room;
    memcpy(text->bytes + text->n, data, m);
    text->n += m;
    text->bytes[text->n] = '\0';
    return one * n;
}

static CURL *handle(const struct stream *stream, struct curl_slist **list_out) {
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        exit(2);
    *list_out = curl_slist_append(NULL, "Content-Type: application/json");
    if (stream->header[0] != '\0')
        *list_out = curl_slist_append(*list_out, stream->header);
    curl_easy_setopt(curl, CURLOPT_URL, stream->url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *list_out);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
    if (stream->body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, stream->body);
    return curl;
}

static void *work(void *of) {
    struct stream *stream = of;
    struct curl_slist *list;
    CURL *curl = handle(stream, &list);
    for (long i; (i = atomic_fetch_add(&stream->next, 1)) < stream->n;) {
        double due = stream->begin + (double)i / stream->rate, wait = due - now();
        long status = 0;
        if (wait > 0)
            usleep((useconds_t)(wait * 1e6));
        if (curl_easy_perform(curl) == CURLE_OK)
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        stream->latency[i] = status != 0 ? now() - due : -1;
        atomic_fetch_add(&stream->statuses[status > 0 && status < STATUSES ? status : 0], 1);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(list);
    return NULL;
}

static void start(struct stream *stream, double seconds, pthread_t *threads, int n_threads) {
    stream->n = (long)(stream->rate * seconds);
    stream->latency = calloc((size_t)stream->n, sizeof *stream->latency);
    stream->begin = now() + 0.1;
    atomic_store(&stream->next, 0);
    for (int i = 0; i < n_threads; i++)
        if (pthread_create(&threads[i], NULL, work, stream) != 0)
            exit(2);
}

static void stop(pthread_t *threads, int n_threads) {
    for (int i = 0; i < n_threads; i++)
        pthread_join(threads[i], NULL);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Sorts; milliseconds. */
static double percentile(struct stream *stream, double part) {
    qsort(stream->latency, (size_t)stream->n, sizeof *stream->latency, compare);
    return stream->latency[(long)(part * (double)(stream->n - 1))] * 1000;
}

static void print(const char *what, struct stream *stream) {
    printf("%-24s p50 %7.2f ms  p95 %7.2f ms  p99 %7.2f ms  statuses:", what, percentile(stream, 0.5),
           percentile(stream, 0.95), percentile(stream, 0.99));
    for (int i = 0; i < STATUSES; i++)
        if (stream->statuses[i] > 0)
            printf(" %d×%ld", i, atomic_load(&stream->statuses[i]));
    putchar('\n');
}

/* One request; its answer. */
static struct text *once(const char *url, const char *body) {
    struct text *text = calloc(1, sizeof *text);
    struct stream stream = { .url = url, .body = body };
    struct curl_slist *list;
    CURL *curl = handle(&stream, &list);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
    if (text == NULL || curl_easy_perform(curl) != CURLE_OK) {
        fprintf(stderr, "bench-storm: %s does not answer\n", url);
        exit(2);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(list);
    return text;
}

/* Makes an account; the body with which it logs in. */
static char *make_account(const char *base, const char *kind) {
    char url[512], body[512];
    char *login = calloc(1, 512);
    unsigned long stamp = (unsigned long)time(NULL) * 100000 + (unsigned long)getpid() % 100000;
    snprintf(url, sizeof url, "%s/api/v1/auth/register", base);
    snprintf(body, sizeof body, "{\"email\":\"%s%lu@example.org\",\"username\":\"%s%lu\",\"password\":\"%s\"}", kind,
             stamp, kind, stamp, "correct horse battery 7");
    once(url, body);
    if (login != NULL)
        snprintf(login, 512, "{\"username\":\"%s%lu\",\"password\":\"correct horse battery 7\"}", kind, stamp);
    return login;
}

static void authorize(struct stream *reads, const char *login_url, const char *body) {
    struct text *answer = once(login_url, body);
    char *token = strstr(answer->bytes, "\"access_token\":\"");
    if (token == NULL) {
        fprintf(stderr, "bench-storm: no login: %s\n", answer->bytes);
        exit(2);
    }
    token += strlen("\"access_token\":\"");
    snprintf(reads->header, sizeof reads->header, "Authorization: Bearer %.*s", (int)strcspn(token, "\""), token);
}

int main(int argc, char **argv) {
    double seconds = 20, reads_rate = 200, logins_rate = 50, most = 2;
    const char *text = NULL;
    char me[512], login[512], search[512];
    pthread_t readers[READERS], stormers[STORMERS];

    for (int i = 2; i + 1 < argc; i += 2) {
        double value = strtod(argv[i + 1], NULL);
        if (strcmp(argv[i], "--seconds") == 0)
            seconds = value;
        else if (strcmp(argv[i], "--reads") == 0)
            reads_rate = value;
        else if (strcmp(argv[i], "--logins") == 0)
            logins_rate = value;
        else if (strcmp(argv[i], "--search") == 0)
            text = argv[i + 1];
    }
    if (argc < 2 || argc % 2 != 0 || seconds < 1 || reads_rate < 1 || logins_rate < 1) {
        fputs("usage: bench-storm URL [--seconds N] [--reads PER-SECOND] [--logins PER-SECOND | --search TEXT]\n",
              stderr);
        return 2;
    }
    curl_global_init(CURL_GLOBAL_ALL);
    snprintf(me, sizeof me, "%s/api/v1/users/me", argv[1]);
    snprintf(login, sizeof login, "%s/api/v1/auth/login", argv[1]);
    static struct stream calm, stormy, storm;
    calm = (struct stream){ .url = me, .rate = reads_rate };
    storm = (struct stream){ .url = login, .rate = logins_rate, .body = make_account(argv[1], "storm") };
    authorize(&calm, login, make_account(argv[1], "reader"));
    if (text != NULL) {
        most = 3;
        snprintf(search, sizeof search, "%s/api/v1/users?search=%s&page=1&size=20", argv[1], text);
        storm = (struct stream){ .url = search, .rate = reads_rate };
        memcpy(storm.header, calm.header, sizeof storm.header);
    }
    stormy = (struct stream){ .url = me, .rate = reads_rate };
    memcpy(stormy.header, calm.header, sizeof stormy.header);

    start(&calm, seconds, readers, READERS);
    stop(readers, READERS);
    start(&storm, seconds, stormers, STORMERS);
    start(&stormy, seconds, readers, READERS);
    stop(readers, READERS);
    stop(stormers, STORMERS);
    print("reads alone", &calm);
    print("reads in the storm", &stormy);
    print(text != NULL ? "searches" : "logins", &storm);
    double ratio = percentile(&stormy, 0.99) / percentile(&calm, 0.99);
    printf("p99 of reads in the storm / alone: %.2f\n", ratio);
    bool is_whole = calm.statuses[200] == calm.n && stormy.statuses[200] == stormy.n;
    return ratio < most && is_whole ? 0 : 1;
}
