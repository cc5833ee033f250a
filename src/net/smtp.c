/*
 * One mail to a server, by SMTP (RFC 5321).
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/internal.h"

struct reader {
    const struct cab_buf *text;
    size_t at;
    bool (*should_stop)(void);
};

static size_t read_text(char *to, size_t size, size_t n, void *from) {
    struct reader *reader = from;
    size_t left = reader->text->len - reader->at, take = size * n < left ? size * n : left;
    memcpy(to, reader->text->data + reader->at, take);
    reader->at += take;
    return take;
}

/* Called about each second, too, while nothing moves. */
static int progress(void *data, curl_off_t total_in, curl_off_t in, curl_off_t total_out, curl_off_t out) {
    const struct reader *reader = data;
    (void)total_in, (void)in, (void)total_out, (void)out;
    return reader->should_stop != NULL && reader->should_stop();
}

static size_t drop(char *bytes, size_t size, size_t n, void *to) {
    (void)bytes, (void)to;
    return size * n;
}

/* With the name that we greet the server with, where the host has one that is like a domain's. */
static char *server_url(const char *url) {
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0 || strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                                "0123456789.-") != strlen(host) || host[0] == '\0')
        return cab_printf(NULL, "%s/localhost", url);
    return cab_printf(NULL, "%s/%s", url, host);
}

static long tls_of(const char *word) {
    return strcmp(word, "off") == 0 ? CURLUSESSL_NONE : strcmp(word, "try") == 0 ? CURLUSESSL_TRY : CURLUSESSL_ALL;
}

static void configure(CURL *curl, const struct cab_net_mail *mail, const char *from, struct reader *reader) {
    curl_easy_setopt(curl, CURLOPT_USE_SSL, tls_of(mail->tls));
    if (mail->user != NULL) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, mail->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, mail->password != NULL ? mail->password : "");
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_text);
    curl_easy_setopt(curl, CURLOPT_READDATA, reader);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)reader->text->len);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, reader);
}

void cab_net_send(struct cab_net *net, const struct cab_net_mail *mail, struct cab_net_reply *reply) {
    struct reader reader = { .text = mail->text, .should_stop = mail->should_stop };
    char *url = server_url(mail->url);
    char *from = cab_printf(url, "<%s>", mail->from);
    struct curl_slist *to = curl_slist_append(NULL, cab_printf(url, "<%s>", mail->to));
    long last = 0;

    if (to == NULL)
        cab_die("libcurl has no memory");
    CURL *curl = cab_net_handle(net, url, "smtp,smtps", mail->ca_file, mail->timeout_s);
    configure(curl, mail, from, &reader);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &last);
    curl_slist_free_all(to);
    cab_mem_free(url);
    /* what libcurl makes of a refused sender or recipient, and of refused text */
    bool is_of_mail = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_WEIRD_SERVER_REPLY ||
                      code == CURLE_UPLOAD_FAILED || reader.at > 0;
    *reply = (struct cab_net_reply){ .is_sent = code == CURLE_OK, .code = (int)last, .is_of_mail = is_of_mail };
    if (code != CURLE_OK)
        snprintf(reply->why, sizeof reply->why, "%.180s (reply %ld)", cab_net_said(net, code), last);
}
