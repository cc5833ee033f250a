/*
 * A handle of libcurl and what all requests have in common: no proxy, no signals, TLS, time limits.
 */
#include "net/internal.h"

#define CONNECT_MOST 15 /* seconds */

struct cab_net {
    CURL *curl;
    char said[CURL_ERROR_SIZE];
};

static void destroy(void *net) {
    curl_easy_cleanup(((struct cab_net *)net)->curl);
}

struct cab_net *cab_net_make(void *ctx) {
    static bool is_ready;
    if (!is_ready && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        cab_die("libcurl cannot be initialised");
    is_ready = true;
    struct cab_net *net = cab_new(ctx, struct cab_net);
    net->curl = curl_easy_init();
    if (net->curl == NULL)
        cab_die("libcurl has no memory");
    cab_mem_on_free(net, destroy);
    return net;
}

/* libcurl copies the texts. */
CURL *cab_net_handle(struct cab_net *net, const char *url, const char *schemes, const char *ca_file, int timeout_s) {
    CURL *curl = net->curl;
    net->said[0] = '\0';
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, schemes);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (ca_file != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)(timeout_s < CONNECT_MOST ? timeout_s : CONNECT_MOST));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)timeout_s);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, net->said);
    return curl;
}

const char *cab_net_said(const struct cab_net *net, CURLcode code) {
    return net->said[0] != '\0' ? net->said : curl_easy_strerror(code);
}
