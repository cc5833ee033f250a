/* json-c and jansson (under libjwt) both export json_object_get; in one process each must reach its own. */
#include <cabinet/http.h>
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <jwt.h>
#include <stdlib.h>
#include <string.h>

Test(libraries, json_c_and_jansson_work_side_by_side) {
    static const unsigned char key[32] = "0123456789abcdef0123456789abcdef";
    for (int i = 0; i < 100; i++) {
        jwt_t *made = NULL, *read = NULL;
        cr_assert_eq(jwt_new(&made), 0);
        cr_assert_eq(jwt_set_alg(made, JWT_ALG_HS256, key, sizeof key), 0);
        cr_assert_eq(jwt_add_grant(made, "sub", "42"), 0);
        cr_assert_eq(jwt_add_grants_json(made, "{\"exp\":17,\"list\":[1,{\"a\":null}]}"), 0);
        char *token = jwt_encode_str(made);

        json_object *object = json_tokener_parse("{\"sub\":\"other\",\"n\":[1,2,3]}");
        json_object *again = json_object_get(object); /* json-c's: one more reference to the same */
        cr_assert_eq(again, object);
        void *mem = cab_mem_alloc(NULL, 0);
        const struct cab_json *json;
        struct cab_err err = { 0 };
        cr_assert_eq(cab_json_parse(mem, "{\"a\":[1,{\"b\":\"c\"}]}", 19, &json, &err), 0);

        cr_assert_eq(jwt_decode(&read, token, key, sizeof key), 0);
        cr_assert_str_eq(jwt_get_grant(read, "sub"), "42");
        cr_assert_eq(jwt_get_grant_int(read, "exp"), 17);
        cr_assert_str_eq(json_object_get_string(json_object_object_get(object, "sub")), "other");
        cr_assert_str_eq(cab_json_source(cab_json_get(json, "a"), NULL), "[1,{\"b\":\"c\"}]");
        cr_assert_eq(json_object_put(again), 0);
        cr_assert_eq(json_object_put(object), 1);
        cab_mem_free(mem);
        free(token);
        jwt_free(made);
        jwt_free(read);
    }
}
