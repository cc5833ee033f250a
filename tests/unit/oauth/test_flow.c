/* The cookie of an attempt, and nonces for apps: only ours, only in time, under both keys. */
#include <cabinet/oauth.h>
#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

static struct cab_conf conf = { .secret_key = "a secret key that is long enough for tests" };

/* The clock that the library sees. */
static time_t ahead;

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec + ahead;
    return now.tv_sec + ahead;
}

static enum cab_oauth_reason read_back(const char *provider, const char *cookie, const char *state,
                                       struct cab_oauth_flow *flow) {
    void *mem = cab_mem_alloc(NULL, 1);
    enum cab_oauth_reason reason = cab_oauth_flow_read(mem, &conf, provider, cookie, state, flow);
    cab_mem_free(mem);
    return reason;
}

Test(flow, comes_back_as_it_went) {
    struct cab_caller caller = { .is_signed_in = true, .user_id = 7,
                                 .session_id = "0e37df36-f698-11e6-8dd4-cb9ced3df976" };
    struct cab_oauth_flow went, back;
    cab_oauth_flow_make(&conf, "corp", &caller, &went);
    cr_assert_eq(read_back("corp", went.cookie, went.state, &back), CAB_OAUTH_OK);
    cr_expect_str_eq(back.nonce, went.nonce);
    cr_expect_str_eq(back.verifier, went.verifier);
    cr_expect_str_eq(back.hash, went.hash);
    cr_expect_eq(back.user_id, 7);
    cr_expect_str_eq(back.session_id, caller.session_id);
    cr_expect_eq(strlen(went.verifier), 43);
    cr_expect_null(strstr(went.cookie, went.state));
    struct cab_oauth_flow other;
    cab_oauth_flow_make(&conf, "corp", NULL, &other);
    cr_expect_eq(other.user_id, 0);
    cr_expect_str_neq(other.state, went.state);
    cr_expect_str_neq(other.nonce, went.nonce);
}

Test(flow, is_refused_where_anything_differs) {
    struct cab_oauth_flow flow, other, back;
    cab_oauth_flow_make(&conf, "corp", NULL, &flow);
    cab_oauth_flow_make(&conf, "corp", NULL, &other);
    cr_expect_eq(read_back("corp", NULL, flow.state, &back), CAB_OAUTH_STATE_MISSING);
    cr_expect_eq(read_back("corp", "", flow.state, &back), CAB_OAUTH_STATE_MISSING);
    cr_expect_eq(read_back("corp", flow.cookie, other.state, &back), CAB_OAUTH_STATE_WRONG);
    cr_expect_eq(read_back("corp", flow.cookie, NULL, &back), CAB_OAUTH_STATE_WRONG);
    cr_expect_eq(read_back("corp", flow.cookie, "", &back), CAB_OAUTH_STATE_WRONG);
    cr_expect_eq(read_back("other", flow.cookie, flow.state, &back), CAB_OAUTH_STATE_WRONG);
    for (size_t i = 0; i < strlen(flow.cookie); i++) {
        char changed[sizeof flow.cookie];
        memcpy(changed, flow.cookie, sizeof changed);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        cr_expect_eq(read_back("corp", changed, flow.state, &back), CAB_OAUTH_STATE_WRONG, "byte %zu", i);
    }
    ahead = CAB_OAUTH_FLOW_SECONDS - 5;
    cr_expect_eq(read_back("corp", flow.cookie, flow.state, &back), CAB_OAUTH_OK);
    ahead = CAB_OAUTH_FLOW_SECONDS + 1;
    cr_expect_eq(read_back("corp", flow.cookie, flow.state, &back), CAB_OAUTH_STATE_EXPIRED);
}

Test(flow, outlives_a_change_of_the_key) {
    struct cab_oauth_flow flow, back;
    cab_oauth_flow_make(&conf, "corp", NULL, &flow);
    conf.secret_key_previous = conf.secret_key;
    conf.secret_key = "another secret key that is long enough";
    cr_expect_eq(read_back("corp", flow.cookie, flow.state, &back), CAB_OAUTH_OK);
    cr_expect_str_eq(back.verifier, flow.verifier);
    cr_expect_str_eq(back.nonce, flow.nonce);
    conf.secret_key_previous = NULL;
    cr_expect_eq(read_back("corp", flow.cookie, flow.state, &back), CAB_OAUTH_STATE_WRONG);
}

Test(nonce, is_good_for_five_minutes) {
    void *mem = cab_mem_alloc(NULL, 1);
    char hash[65], again[65];
    char *nonce = cab_oauth_nonce_make(mem, &conf);
    cr_expect_eq(cab_oauth_nonce_read(mem, &conf, nonce, hash), CAB_OAUTH_OK);
    ahead = 299;
    cr_expect_eq(cab_oauth_nonce_read(mem, &conf, nonce, again), CAB_OAUTH_OK);
    cr_expect_str_eq(hash, again);
    ahead = 301;
    cr_expect_eq(cab_oauth_nonce_read(mem, &conf, nonce, hash), CAB_OAUTH_NONCE_EXPIRED);
    ahead = 0;
    cr_expect_eq(cab_oauth_nonce_read(mem, &conf, NULL, hash), CAB_OAUTH_TOKEN_NONCE);
    cr_expect_eq(cab_oauth_nonce_read(mem, &conf, "", hash), CAB_OAUTH_TOKEN_NONCE);
    nonce[strlen(nonce) / 2] ^= 1;
    cr_expect_eq(cab_oauth_nonce_read(mem, &conf, nonce, hash), CAB_OAUTH_TOKEN_NONCE);
    cab_mem_free(mem);
}
