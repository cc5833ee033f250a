/*
 * One HTTP request: to the host that the URL names and no other, with an end to how long it takes and how much it
 * brings.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/internal.h"

struct sink {
    struct cab_buf *body;
    size_t most;
};

static size_t take(char *bytes, size_t size, size_t n, void *to) {
    struct sink *sink = to;
    size_t length = size * n;
    if (length > sink->most - sink->body->len)
        return 0; /* libcurl gives up */
    cab_buf_add(sink->body, bytes, length);
    return length;
}

static bool is_local_v4(uint32_t address) {
    return address >> 24 == 127 || address >> 24 == 0 || address >> 16 == 0xA9FE || address >> 28 >= 14;
}

/* Addresses that no host far away has: this host's own, and those of its link (RFC 3927, RFC 4291 section 2.5). */
static bool is_local(const struct curl_sockaddr *peer) {
    if (peer->family == AF_INET) {
        struct sockaddr_in address;
        memcpy(&address, &peer->addr, sizeof address);
        return is_local_v4(ntohl(address.sin_addr.s_addr));
    }
    if (peer->family == AF_INET6) {
        struct sockaddr_in6 address;
        uint32_t last;
        memcpy(&address, &peer->addr, sizeof address);
        memcpy(&last, address.sin6_addr.s6_addr + 12, sizeof last);
        return IN6_IS_ADDR_LOOPBACK(&address.sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&address.sin6_addr) ||
               IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr) || IN6_IS_ADDR_MULTICAST(&address.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr) && is_local_v4(ntohl(last)));
    }
    return true;
}

/* Asked with the address that the name has resolved to, so that no second look-up can tell another one. */
static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *peer) {
    const struct cab_net_request *request = data;
    if (purpose != CURLSOCKTYPE_IPCXN || (!request->may_be_local && is_local(peer)))
        return CURL_SOCKET_BAD;
    return socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

static int fail(const struct cab_net *net, CURLcode code, struct cab_err *err) {
    (void)cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "Another service that is needed for this does not answer.");
    cab_err_internal(err, "%s", cab_net_said(net, code));
    return -1;
}

int cab_net_fetch(struct cab_net *net, void *ctx, const struct cab_net_request *request, int *status_out,
                  struct cab_buf *body, struct cab_err *err) {
    const char *schemes = request->may_be_local ? "https,http" : "https";
    CURL *curl = cab_net_handle(net, request->url, schemes, request->ca_file, request->timeout_s);
    struct sink sink = { .body = body, .most = request->most };
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    long status = 0;

    cab_buf_init(body, ctx, 2048);
    if (headers == NULL)
        cab_die("libcurl has no memory");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->most);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, request);
    if (request->form != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->form));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->form);
    }
    if (request->user != NULL) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, request->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, request->password);
    }
    if (request->bearer != NULL) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, request->bearer);
    }
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    *status_out = (int)status;
    return code == CURLE_OK ? 0 : fail(net, code, err);
}
