/*
 * Mail to a server, by SMTP (RFC 5321).  The only file that knows libcurl.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mail/internal.h"

struct cab_smtp {
    CURL *curl;
};

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

static void destroy(void *smtp) {
    curl_easy_cleanup(((struct cab_smtp *)smtp)->curl);
}

struct cab_smtp *cab_smtp_make(void *ctx) {
    static bool is_ready;
    if (!is_ready && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        cab_die("libcurl cannot be initialised");
    is_ready = true;
    struct cab_smtp *smtp = cab_new(ctx, struct cab_smtp);
    smtp->curl = curl_easy_init();
    if (smtp->curl == NULL)
        cab_die("libcurl has no memory");
    cab_mem_on_free(smtp, destroy);
    return smtp;
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

/* libcurl copies the texts. */
static void configure(CURL *curl, const struct cab_conf *conf, const char *url, const char *from,
                      struct reader *reader) {
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, tls_of(conf->mail_smtp_tls));
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (conf->mail_smtp_ca_file != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, conf->mail_smtp_ca_file);
    if (conf->mail_smtp_user != NULL) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, conf->mail_smtp_user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, conf->mail_smtp_password != NULL ? conf->mail_smtp_password : "");
    }
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)(conf->mail_timeout < 15 ? conf->mail_timeout : 15));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)conf->mail_timeout);
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

/* A refusal for good (RFC 5321 section 4.2.1) speaks of this mail, unless it is of us: 530, 534, 535 and 538 are
 * about logging in, 521 and 554 at the greeting about the connection. */
static enum cab_mail_outcome judge(CURLcode code, long reply, const struct reader *reader) {
    if (code == CURLE_OK)
        return CAB_MAIL_SENT;
    bool is_login = reply == 530 || reply == 534 || reply == 535 || reply == 538;
    /* what libcurl makes of a refused sender or recipient, and of refused text */
    bool is_mail = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_WEIRD_SERVER_REPLY ||
                   code == CURLE_UPLOAD_FAILED || reader->at > 0;
    if (reply >= 500 && !is_login && is_mail)
        return CAB_MAIL_REFUSED;
    if (reply >= 400 && reply < 500 && is_mail)
        return CAB_MAIL_LATER;
    return CAB_MAIL_AWAY;
}

enum cab_mail_outcome cab_smtp_send(struct cab_smtp *smtp, struct cab_mail_out *mail) {
    struct reader reader = { .text = mail->text, .should_stop = mail->should_stop };
    char *url = server_url(mail->conf->mail_smtp_url);
    char *from = cab_printf(url, "<%s>", cab_mail_address(url, mail->conf->mail_from));
    struct curl_slist *to = curl_slist_append(NULL, cab_printf(url, "<%s>", mail->recipient));
    char said[CURL_ERROR_SIZE] = "";
    long reply = 0;

    if (to == NULL)
        cab_die("libcurl has no memory");
    curl_easy_reset(smtp->curl); /* keeps the connection */
    configure(smtp->curl, mail->conf, url, from, &reader);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, said);
    CURLcode code = curl_easy_perform(smtp->curl);
    curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &reply);
    curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(to);
    cab_mem_free(url);
    if (code != CURLE_OK)
        snprintf(mail->why, sizeof mail->why, "%.180s (reply %ld)", said[0] != '\0' ? said : curl_easy_strerror(code),
                 reply);
    return judge(code, reply, &reader);
}
