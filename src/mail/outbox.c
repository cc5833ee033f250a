/*
 * The outbox: takes one mail after the other, sends it and writes down what became of it.  No transaction is open while
 * a server is talked to.  A mail that was taken by a server and could not be written down as sent (the process or the
 * database died in that moment) is sent again when its claim runs out, under the same Message-ID.
 */
#include <string.h>
#include <time.h>

#include "mail/internal.h"
#include "statements.h"

#define CLAIM_SPARE 60        /* seconds beyond MAIL_TIMEOUT */
#define MOST_DELAY 3600
#define REFUSALS 3            /* a refusal may be a mistake of the server's; it is asked so often */
#define FINISH_TRIES 5

enum { ID, ATTEMPT, KIND, RECIPIENT, MESSAGE, DATE, STAMP, USERNAME, EMAIL, WHEN, DAYS, SEED, HASH, IS_OLD, IS_OPEN };

struct run {
    struct cab_db *db;
    const struct cab_conf *conf;
    struct cab_net *net;
    bool (*should_stop)(void);
};

struct item {
    void *mem;
    const char *id, *attempt;
    int64_t attempts;
    bool is_old;
};

static bool is_away(const struct cab_err *err) {
    return err->problem == CAB_PROBLEM_UNAVAILABLE || err->problem == CAB_PROBLEM_FATE_UNKNOWN;
}

/* The statement does nothing the second time, so it is repeated where the connection was lost: this is the moment in
 * which a mail that is sent already could be sent once more. */
static int note(struct run *run, struct item *item, const char *sql, const char *third, const char *fourth,
                struct cab_err *err) {
    const struct timespec second = { .tv_sec = 1 };
    const char *values[] = { item->id, item->attempt, third, fourth };
    for (int i = 1;; i++) {
        if ((i == 1 || cab_db_ready(run->db, err) == 0) &&
            cab_db_query(run->db, item->mem, CAB_SHAPE_NONE, sql, 4, values, NULL, err) == 0)
            return 0;
        if (!is_away(err) || i == FINISH_TRIES || (run->should_stop != NULL && run->should_stop()))
            return -1;
        cab_err_clear(err);
        nanosleep(&second, NULL);
    }
}

static int done(struct run *run, struct item *item, const char *status, const char *why, struct cab_err *err) {
    return note(run, item, cab_sql_text_mail_done, status, why, err);
}

/* Doubled with each attempt, and a little different for each mail. */
static int64_t delay_after(const struct cab_conf *conf, int64_t attempts) {
    unsigned char byte;
    int64_t delay = conf->mail_retry_delay;
    while (--attempts > 0 && delay < MOST_DELAY)
        delay *= 2;
    cab_random(&byte, 1);
    delay = delay < MOST_DELAY ? delay : MOST_DELAY;
    return delay + delay * byte / 1024;
}

static int later(struct run *run, struct item *item, const char *why, struct cab_err *err) {
    if (item->is_old) {
        cab_log(CAB_LOG_ERROR, "mail %s is given up: %s", item->id, why);
        return done(run, item, "failed", why, err);
    }
    char *delay = cab_printf(item->mem, "%lld", (long long)delay_after(run->conf, item->attempts));
    return note(run, item, cab_sql_text_mail_later, delay, why, err);
}

/* What would break out of the header it stands in, or mean something else there. */
static bool is_mailable(const char *recipient) {
    for (const unsigned char *c = (const unsigned char *)recipient; *c != '\0'; c++)
        if (*c <= 0x20 || *c == 0x7F || strchr("<>()[],;:\\\"", *c) != NULL)
            return false;
    return strchr(recipient, '@') != NULL && recipient[0] != '-';
}

static enum cab_mail_outcome deliver(struct run *run, struct cab_mail_out *mail) {
    if (run->conf->mail_smtp_url == NULL)
        return cab_mail_to_folder(mail);
    return cab_smtp_send(run->net, mail);
}

static int conclude(struct run *run, struct item *item, enum cab_mail_outcome outcome, const char *why,
                    struct cab_err *err) {
    if (outcome == CAB_MAIL_SENT)
        return done(run, item, "sent", NULL, err);
    if (outcome == CAB_MAIL_REFUSED && item->attempts >= REFUSALS) {
        cab_log(CAB_LOG_WARN, "mail %s was refused: %s", item->id, why);
        return done(run, item, "failed", why, err);
    }
    return later(run, item, why, err);
}

/* Servers that are away are spoken of once. */
static void tell(enum cab_mail_outcome outcome, const char *why) {
    static bool was_away;
    bool away = outcome == CAB_MAIL_AWAY;
    if (away && !was_away)
        cab_log(CAB_LOG_ERROR, "mail waits, it cannot be sent now: %s", why);
    else if (was_away && outcome == CAB_MAIL_SENT)
        cab_log(CAB_LOG_INFO, "mail can be sent again");
    if (away || outcome == CAB_MAIL_SENT)
        was_away = away;
}

/* Sends the mail in row 0 of claim. */
static int send_one(struct run *run, void *mem, const struct cab_result *claim, enum cab_mail_outcome *outcome_out,
                    struct cab_err *err) {
    struct item item = { .mem = mem,
                         .id = cab_result_value(claim, 0, ID),
                         .attempt = cab_result_value(claim, 0, ATTEMPT),
                         .attempts = cab_result_int64(claim, 0, ATTEMPT),
                         .is_old = cab_result_bool(claim, 0, IS_OLD) };
    struct cab_mail_facts facts = {
        .kind = cab_result_value(claim, 0, KIND), .recipient = cab_result_value(claim, 0, RECIPIENT),
        .message = cab_result_value(claim, 0, MESSAGE), .date = cab_result_value(claim, 0, DATE),
        .username = cab_result_value(claim, 0, USERNAME), .email = cab_result_value(claim, 0, EMAIL),
        .when = cab_result_value(claim, 0, WHEN), .days = cab_result_value(claim, 0, DAYS),
    };
    const char *hash = cab_result_value(claim, 0, HASH);
    struct cab_buf text;

    *outcome_out = CAB_MAIL_LATER;
    if (!cab_result_bool(claim, 0, IS_OPEN))
        return done(run, &item, "void", "its token is not good any more", err);
    if (hash != NULL) {
        facts.token = cab_mail_token_text(mem, run->conf, cab_result_value(claim, 0, SEED), hash);
        if (facts.token == NULL)
            return done(run, &item, "failed", "SECRET_KEY was changed before it was sent", err);
    }
    if (!is_mailable(facts.recipient))
        return done(run, &item, "failed", "no mail can be sent to such an address", err);
    if (cab_mail_render(mem, run->conf, &facts, &text, err) != 0) {
        const char *why = cab_strdup(mem, err->detail);
        cab_log(CAB_LOG_ERROR, "mail %s waits: %s %s", item.id, err->detail, err->internal);
        cab_err_clear(err);
        return later(run, &item, why, err);
    }
    struct cab_mail_out mail = { .conf = run->conf, .recipient = facts.recipient, .text = &text,
                                 .should_stop = run->should_stop,
                                 .name = cab_printf(mem, "%s-%s-%s", cab_result_value(claim, 0, STAMP), item.id,
                                                    facts.kind) };
    *outcome_out = deliver(run, &mail);
    explicit_bzero(text.data, text.len);
    tell(*outcome_out, mail.why);
    return conclude(run, &item, *outcome_out, mail.why, err);
}

int cab_mail_send_due(struct cab_db *db, const struct cab_conf *conf, void *ctx, bool (*should_stop)(void),
                      int64_t *sent_out, struct cab_err *err) {
    void *mem = cab_mem_alloc(ctx, 1);
    struct run run = { .db = db, .conf = conf, .should_stop = should_stop };
    const char *lease = cab_printf(mem, "%lld", (long long)conf->mail_timeout + CLAIM_SPARE);
    enum cab_mail_outcome outcome = CAB_MAIL_SENT;
    int rc = 0;

    while (rc == 0 && outcome != CAB_MAIL_AWAY && (should_stop == NULL || !should_stop())) {
        void *turn = cab_mem_alloc(mem, 1);
        struct cab_result *claim;
        rc = cab_db_query(db, turn, CAB_SHAPE_MAYBE, cab_sql_text_mail_claim, 1, &lease, &claim, err);
        bool is_some = rc == 0 && cab_result_rows(claim) == 1;
        if (is_some && conf->mail_smtp_url != NULL && run.net == NULL)
            run.net = cab_net_make(mem);
        if (is_some)
            rc = send_one(&run, turn, claim, &outcome, err);
        *sent_out += is_some && rc == 0 && outcome == CAB_MAIL_SENT;
        cab_mem_free(turn);
        if (!is_some)
            break;
    }
    cab_mem_free(mem);
    return rc;
}
