/*
 * print: the settings in force, for people; never a secret.
 */
#include "conf/private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* user:secret@ between :// and the end of the authority. */
static const char *mask_authority(struct cab_buf *out, const char *s) {
    const char *start = strstr(s, "://");
    if (start == NULL)
        return s;
    start += 3;
    const char *end = start + strcspn(start, "/?#");
    const char *at = NULL;
    for (const char *p = start; p < end; p++)
        if (*p == '@')
            at = p;
    const char *colon = at != NULL ? memchr(start, ':', (size_t)(at - start)) : NULL;
    if (colon == NULL)
        return s;
    cab_buf_add(out, s, (size_t)(colon + 1 - s));
    cab_buf_adds(out, "***");
    return at;
}

/* Whether a word ending in "password" and then = begins at s; its length with the =. */
static size_t password_word(const char *s) {
    static const char *const words[] = { "password", "sslpassword" };
    for (size_t i = 0; i < CAB_LENGTH(words); i++) {
        size_t n = strlen(words[i]);
        if (strncasecmp(s, words[i], n) == 0) {
            n += strspn(s + n, " ");
            if (s[n] == '=')
                return n + 1 + strspn(s + n + 1, " ");
        }
    }
    return 0;
}

char *cab_conf_mask_url(void *ctx, const char *url) {
    struct cab_buf out;
    cab_buf_init(&out, ctx, strlen(url) + 16);
    bool is_url = strstr(url, "://") != NULL;
    const char *s = mask_authority(&out, url);
    bool at_word = !is_url;
    while (*s != '\0') {
        size_t n = at_word ? password_word(s) : 0;
        if (n > 0) {
            cab_buf_add(&out, s, n);
            cab_buf_adds(&out, "***");
            s += n;
            if (is_url) {
                s += strcspn(s, "&#");
            } else if (*s == '\'') {
                for (s++; *s != '\0' && *s != '\''; s++)
                    if (*s == '\\' && s[1] != '\0')
                        s++;
                s += *s == '\'';
            } else {
                for (; *s != '\0' && *s != ' '; s++)
                    if (*s == '\\' && s[1] != '\0')
                        s++;
            }
            at_word = false;
            continue;
        }
        at_word = is_url ? *s == '?' || *s == '&' : *s == ' ';
        cab_buf_addc(&out, *s++);
    }
    return out.data;
}

/* A value as a line of a settings file would have it. */
static void print_text(const char *value) {
    if (value[strcspn(value, " \t\n#'\"\\$`")] == '\0') {
        fputs(value, stdout);
        return;
    }
    putchar('"');
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            fputs("\\n", stdout);
            continue;
        }
        if (strchr("\"\\$`", *value) != NULL)
            putchar('\\');
        putchar(*value);
    }
    putchar('"');
}

void cab_conf_print(const struct cab_conf *conf) {
    void *mem = cab_mem_alloc(NULL, 1);
    for (const struct cab_setting *s = cab_settings; s->name != NULL; s++) {
        const char *member = (const char *)conf + s->offset;
        printf("%s=", s->name);
        if (s->type == CAB_SETTING_INT) {
            int64_t number;
            memcpy(&number, member, sizeof number);
            printf("%" PRId64, number);
        } else if (s->type == CAB_SETTING_BOOL) {
            bool flag;
            memcpy(&flag, member, sizeof flag);
            fputs(flag ? "true" : "false", stdout);
        } else {
            const char *text;
            memcpy(&text, member, sizeof text);
            if (text != NULL && s->secret)
                fputs("***", stdout);
            else if (text != NULL)
                print_text(cab_conf_mask_url(mem, text));
        }
        putchar('\n');
    }
    cab_mem_free(mem);
}
