/*
 * JSON documents written member by member: keeps track of commas, nothing else.
 */
#include <cabinet/base.h>

static void begin(struct cab_json_writer *w, const char *key) {
    if (w->after_value)
        cab_buf_addc(w->buf, ',');
    w->after_value = true;
    if (key != NULL) {
        cab_json_cstring(w->buf, key);
        cab_buf_addc(w->buf, ':');
    }
}

void cab_json_open(struct cab_json_writer *w, const char *key, char bracket) {
    begin(w, key);
    cab_buf_addc(w->buf, bracket);
    w->after_value = false;
}

void cab_json_close(struct cab_json_writer *w, char bracket) {
    cab_buf_addc(w->buf, bracket);
    w->after_value = true;
}

void cab_json_put(struct cab_json_writer *w, const char *key, const char *value) {
    begin(w, key);
    cab_json_cstring(w->buf, value);
}

void cab_json_putf(struct cab_json_writer *w, const char *key, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    char *text = cab_vprintf(NULL, fmt, ap);
    va_end(ap);
    cab_json_put(w, key, text);
    cab_mem_free(text);
}

void cab_json_put_raw(struct cab_json_writer *w, const char *key, const char *json) {
    begin(w, key);
    cab_buf_adds(w->buf, json);
}

void cab_json_put_int(struct cab_json_writer *w, const char *key, int64_t value) {
    begin(w, key);
    cab_buf_addf(w->buf, "%ld", value);
}
