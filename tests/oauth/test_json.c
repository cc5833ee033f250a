/* Without FRONTEND_URL the callback answers itself. */
#include "walk.h"

Test(json, the_callback_answers_with_tokens_and_with_problems) {
    const char *email = next_is_new();
    struct walk walk = walk_to("corp");
    struct answer *answer = come_back(&walk);
    expect_signed_in(answer, "corp");
    struct answer *me = get("/api/v1/users/me", text(answer, "/access_token"));
    expect(me, 200);
    cr_assert_str_eq(text(me, "/email"), email);
    const char *before = picture();
    answer = come_back(&walk);
    expect_problem(answer, 401, "oauth_refused");
    expect_refused(answer, "corp", "state_used", before);
}
