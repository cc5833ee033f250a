/*
 * A mail as text: headers and two parts, plain and HTML (RFC 5322, 2045, 2047).  Whatever a value holds, it stays
 * within its header or part.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mail/internal.h"

#define TEMPLATE_BYTES 65536
#define LINE 76
#define WORD_BYTES 45 /* base64 makes 60 of them, with what is around 72 */

/* ---- headers ---- */

static bool is_plain(const char *text) {
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
        if (*c < 0x20 || *c > 0x7E)
            return false;
    return strstr(text, "=?") == NULL;
}

/* Bytes of text that fit into one encoded word and end with a character. */
static size_t word_length(const char *text) {
    size_t n = strlen(text);
    if (n <= WORD_BYTES)
        return n;
    n = WORD_BYTES;
    while (n > 1 && ((unsigned char)text[n] & 0xC0) == 0x80)
        n--;
    return n;
}

static void add_text(struct cab_buf *out, const char *text) {
    if (is_plain(text) && strlen(text) <= 900) {
        cab_buf_adds(out, text);
        return;
    }
    while (*text != '\0') {
        size_t n = word_length(text);
        cab_buf_adds(out, "=?UTF-8?B?");
        cab_base64_add(out, text, n);
        cab_buf_adds(out, "?=");
        text += n;
        if (*text != '\0')
            cab_buf_adds(out, "\r\n ");
    }
}

void cab_mail_header(struct cab_buf *out, const char *name, const char *value) {
    cab_buf_addf(out, "%s: ", name);
    add_text(out, value);
    cab_buf_adds(out, "\r\n");
}

char *cab_mail_address(void *ctx, const char *sender) {
    const char *open = strchr(sender, '<');
    return open == NULL ? cab_strdup(ctx, sender) : cab_strndup(ctx, open + 1, strcspn(open + 1, ">"));
}

void cab_mail_header_sender(struct cab_buf *out, const char *name, const char *sender) {
    const char *open = strchr(sender, '<');
    size_t n = open != NULL ? (size_t)(open - sender) : 0;
    while (n > 0 && sender[n - 1] == ' ')
        n--;
    cab_buf_addf(out, "%s: ", name);
    if (n > 0) {
        char *display = cab_strndup(NULL, sender, n);
        if (is_plain(display) && strpbrk(display, "()<>[]:;@\\,.\"") != NULL)
            cab_buf_addf(out, "\"%s\"", display); /* the settings refuse quotes in it */
        else
            add_text(out, display);
        cab_buf_addc(out, ' ');
        cab_mem_free(display);
    }
    char *address = cab_mail_address(NULL, sender);
    cab_buf_addf(out, "<%s>\r\n", address);
    cab_mem_free(address);
}

/* ---- bodies ---- */

void cab_mail_quote(struct cab_buf *out, const char *text, size_t n) {
    static const char digits[] = "0123456789ABCDEF";
    size_t column = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        bool at_end = i + 1 == n || text[i + 1] == '\n';
        if (c == '\n') {
            cab_buf_adds(out, "\r\n");
            column = 0;
            continue;
        }
        bool as_is = (c > 0x20 && c < 0x7F && c != '=') || (c == ' ' && !at_end);
        size_t need = as_is ? 1 : 3;
        if (column + need > LINE - (at_end ? 0 : 1)) {
            cab_buf_adds(out, "=\r\n");
            column = 0;
        }
        if (as_is) {
            cab_buf_addc(out, (char)c);
        } else {
            char coded[3] = { '=', digits[c >> 4], digits[c & 15] };
            cab_buf_add(out, coded, sizeof coded);
        }
        column += need;
    }
}

/* ---- templates ---- */

static int read_template(void *ctx, const struct cab_conf *conf, const char *kind, const char *suffix, char **text_out,
                         struct cab_err *err) {
    const char *path = cab_printf(ctx, "%s/%s.%s", conf->mail_templates, kind, suffix);
    char *text = cab_mem_alloc(ctx, TEMPLATE_BYTES + 1);
    size_t n = 0;
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && n < TEMPLATE_BYTES && (got = read(fd, text + n, TEMPLATE_BYTES - n)) > 0)
        n += (size_t)got;
    int saved = errno;
    if (fd >= 0)
        close(fd);
    if (got != 0) {
        cab_fail(err, CAB_PROBLEM_INTERNAL, "A template of mail cannot be read.");
        cab_err_internal(err, "%s: %s", path, got < 0 ? strerror(saved) : "larger than 64 KiB");
        return -1;
    }
    text[n] = '\0';
    if (cab_utf8_valid(text, n)) {
        *text_out = text;
        return 0;
    }
    cab_fail(err, CAB_PROBLEM_INTERNAL, "A template of mail is not UTF-8.");
    cab_err_internal(err, "%s", path);
    return -1;
}

static const char *service_name(void *ctx, const struct cab_conf *conf) {
    const char *url = conf->frontend_url != NULL ? conf->frontend_url : conf->public_url;
    const char *host = url != NULL ? strstr(url, "://") : NULL;
    return host != NULL ? cab_strndup(ctx, host + 3, strcspn(host + 3, "/")) : "Cabinet";
}

/* The token stands behind a #, so that it reaches no log of a web server and no Referer. */
static const char *link_of(void *ctx, const struct cab_conf *conf, const struct cab_mail_facts *facts) {
    enum cab_mail_kind kind = cab_mail_kind_find(facts->kind);
    const char *page = kind != 0 ? cab_mail_kind_page(kind) : NULL;
    if (conf->frontend_url == NULL || page == NULL || facts->token == NULL)
        return NULL;
    return cab_printf(ctx, "%s%s#token=%s", conf->frontend_url, page, facts->token);
}

static int fill(void *ctx, const struct cab_conf *conf, const struct cab_mail_facts *facts, const char *suffix,
                const struct cab_mail_value *values, struct cab_buf *out, struct cab_err *err) {
    char *text;
    cab_buf_init(out, ctx, 2048);
    if (read_template(ctx, conf, facts->kind, suffix, &text, err) != 0)
        return -1;
    if (cab_mail_fill(text, values, strcmp(suffix, "html") == 0, out, err) == 0)
        return 0;
    cab_err_internal(err, "%s/%s.%s", conf->mail_templates, facts->kind, suffix);
    return -1;
}

static void add_part(struct cab_buf *out, const char *boundary, const char *type, const char *text, size_t n) {
    cab_buf_addf(out, "--%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
                 boundary, type);
    cab_mail_quote(out, text, n);
    cab_buf_adds(out, "\r\n");
}

int cab_mail_render(void *ctx, const struct cab_conf *conf, const struct cab_mail_facts *facts, struct cab_buf *out,
                    struct cab_err *err) {
    static const char subject[] = "Subject: ";
    const struct cab_mail_value values[] = {
        { "username", facts->username }, { "email", facts->email },
        { "when", facts->when },         { "days", facts->days },
        { "token", facts->token },       { "link", link_of(ctx, conf, facts) },
        { "service", service_name(ctx, conf) }, { NULL, NULL },
    };
    struct cab_buf plain, html;

    if (fill(ctx, conf, facts, "txt", values, &plain, err) != 0 ||
        fill(ctx, conf, facts, "html", values, &html, err) != 0)
        return -1;
    size_t line = strcspn(plain.data, "\n");
    if (strncmp(plain.data, subject, strlen(subject)) != 0 || plain.data[line] == '\0')
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "The text of mail %s does not begin with its Subject.", facts->kind);
    const char *body = plain.data + line + 1;
    body += *body == '\n';
    char *address = cab_mail_address(ctx, conf->mail_from);
    const char *boundary = cab_printf(ctx, "=_cabinet_%s", facts->message); /* =_ is never in quoted-printable */

    cab_buf_init(out, ctx, 8192);
    cab_buf_addf(out, "Date: %s\r\n", facts->date);
    cab_mail_header_sender(out, "From", conf->mail_from);
    cab_buf_addf(out, "To: <%s>\r\n", facts->recipient);
    cab_mail_header(out, "Subject", cab_strndup(ctx, plain.data + strlen(subject), line - strlen(subject)));
    cab_buf_addf(out, "Message-ID: <%s@%s>\r\n", facts->message, strchr(address, '@') + 1);
    cab_buf_adds(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
    cab_buf_addf(out, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", boundary);
    add_part(out, boundary, "text/plain", body, strlen(body));
    add_part(out, boundary, "text/html", html.data, html.len);
    cab_buf_addf(out, "--%s--\r\n", boundary);
    return 0;
}
