// Prints the configuration for portman: which requests of the document are sent, with what, and what must come back.
// usage: node portman.mjs > portman.json

const each = (operations, rest) => operations.map((openApiOperation) => ({ openApiOperation, ...rest }));
const checks = (code) => ({
  contractTests: [{ statusCode: { enabled: true, code }, schemaValidation: { enabled: true } }],
});
// The same request with something wrong in it, and the status that it must get, with a problem as body.
const variation = (operations, name, code, what, excludeForOperations = []) =>
  each(operations, { excludeForOperations, variations: [{ name, openApiResponse: `${code}::application/problem+json`, ...what, tests: checks(code) }] });
const fuzzing = (...kinds) => ({
  fuzzing: [{ requestBody: [Object.fromEntries(kinds.map((kind) => [kind, { enabled: true }]))] }],
});
const changed = (what) => ({ overwrites: [what] });

const tables = ["notes", "packages"];
const lists = [...tables, "users", "audit_logs", "admin/audit-logs"].map((path) => `GET::/${path}`);
const of = (table) => [`PUT::/${table}/{id}`, `PATCH::/${table}/{id}`];
const writesOfRows = tables.flatMap(of);
const writes = [...tables.map((table) => `POST::/${table}`), ...writesOfRows];
const open = ["GET::/openapi.json", "POST::/auth/register", "POST::/auth/login"];

const unique = "{{$randomUUID}}";
const set = (key, value) => ({ key, value, overwrite: true });
const body = (operations, ...keys) => each(operations, { overwriteRequestBody: keys });
const path = (operation, ...keys) => ({ openApiOperation: operation, overwriteRequestPathVariables: keys });
const sent = (key, value) => ({ key, value, disable: false });
const query = (operations, ...params) => each(operations, { overwriteRequestQueryParams: params });
const keep = (operation, responseBodyProp, name) =>
  ({ openApiOperation: operation, collectionVariables: [{ responseBodyProp, name }] });

// Operations on one row, and the keys in their paths, which earlier requests gave.
const ofRows = [
  ...tables.flatMap((table) => [
    ...["GET", "PUT", "PATCH", "DELETE"].map((method) => `${method}::/${table}/{id}`),
    `GET::/${table}/{id}/history`, `GET::/${table}/{id}/history/diff`, `POST::/${table}/{id}/history/{version}/restore`,
  ]),
  "POST::/notes/{id}/restore", "GET::/audit_logs/{id}", "GET::/users/{id}", "PUT::/users/{id}", "PATCH::/users/{id}",
  "DELETE::/users/{id}", "POST::/users/{id}/restore", "GET::/users/{id}/history",
  "GET::/users/{id}/history/diff",
];
const keysOf = (operation) => {
  const table = operation.split("/")[1];
  const keys = [set("id", `{{${table}Id}}`)];
  return operation.includes("{version}") ? [...keys, set("version", `{{${table}Version}}`)] : keys;
};

const config = {
  version: 1.0,
  globals: {
    securityOverwrites: { bearer: { token: "{{bearerToken}}" } },
    stripResponseExamples: true,
    // What makes rows and names versions comes before what needs them.
    orderOfOperations: [
      ...tables.map((table) => `POST::/${table}`), "POST::/users", "GET::/audit_logs",
      ...tables.flatMap((table) => [
        `GET::/${table}/{id}`, ...writesOfRows.filter((write) => write.includes(`/${table}/`)), `GET::/${table}/{id}/history`,
        `GET::/${table}/{id}/history/diff`, `POST::/${table}/{id}/history/{version}/restore`, `DELETE::/${table}/{id}`, `POST::/${table}/{id}/restore`,
      ]),
      "GET::/users/{id}", "PUT::/users/{id}", "PATCH::/users/{id}", "GET::/users/{id}/history",
      "GET::/users/{id}/history/diff", "DELETE::/users/{id}",
      "POST::/users/{id}/restore",
    ],
  },
  tests: {
    contractTests: [
      {
        openApiOperation: "*::/**",
        statusSuccess: { enabled: true },
        contentType: { enabled: true },
        headersPresent: { enabled: true },
      },
      {
        openApiOperation: "*::/**",
        excludeForOperations: [...tables, "users", "audit_logs"].flatMap((table) => [`GET::/${table}.csv`, `GET::/${table}.ndjson`]),
        schemaValidation: { enabled: true },
      },
    ],
    variationTests: [
      ...variation(["*::/**"], "without a token", 401, changed({ overwriteRequestSecurity: { remove: true } }), open),
      ...variation([...lists, "GET::/openapi.json"], "an unknown parameter", 400,
        changed({ overwriteRequestQueryParams: [{ key: "colour", value: "red", insert: true }] })),
      ...variation(lists, "a page that is none", 422,
        changed({ overwriteRequestQueryParams: [{ key: "page", value: "0", disable: false }] })),
      ...variation([...tables, "users", "audit_logs"].map((table) => `GET::/${table}/{id}`).concat(writesOfRows),
        "no such row", 404, changed({ overwriteRequestPathVariables: [set("id", "999999999")] })),
      ...variation(of("notes"), "a stale version", 412,
        changed({ overwriteRequestHeaders: [{ key: "If-Match", value: '"0.x"', disable: false }] })),
      ...variation([...writes, "POST::/_batch", "POST::/users"], "a body that is no JSON", 415,
        changed({ overwriteRequestHeaders: [{ key: "Content-Type", value: "application/xml", overwrite: true }] })),
      // The longest text of a table without limits of its own is more than a body may have.
      ...variation(of("notes"), "values beyond the limits", 422, fuzzing("requiredFields", "minimumNumberFields",
        "maximumNumberFields", "minLengthFields", "maxLengthFields")),
      ...variation(of("packages"), "values below the limits", 422, fuzzing("requiredFields", "minimumNumberFields",
        "minLengthFields")),
    ],
  },
  assignVariables: [
    ...tables.map((table) => keep(`POST::/${table}`, "id", `${table}Id`)),
    keep("POST::/users", "id", "usersId"),
    keep("GET::/audit_logs", "items[0].id", "audit_logsId"),
    ...[...tables, "users"].flatMap((table) => [
      keep(`GET::/${table}/{id}/history`, "items[0].version", `${table}Version`),
      keep(`GET::/${table}/{id}/history`, "items[1].version", `${table}VersionBefore`),
    ]),
  ],
  overwrites: [
    ...ofRows.map((operation) => path(operation, ...keysOf(operation))),
    // Rows that are deleted for ever are needed once more.
    { openApiOperation: "DELETE::/packages/{id}", overwriteRequestHeaders: [{ key: "Prefer", value: "tx=rollback", disable: false }] },
    ...body([...tables, "users", "audit_logs"].map((table) => `POST::/${table}/_query`), set(".", {})),
    ...query(["PATCH::/notes", "DELETE::/notes"], sent("title", "no such title")),
    ...query(["PATCH::/packages", "DELETE::/packages"], sent("package", "no-such-package")),
    ...[...tables, "users"].flatMap((table) => query([`GET::/${table}/{id}/history/diff`],
      sent("from", `{{${table}VersionBefore}}`), sent("to", `{{${table}Version}}`))),
    ...body(["POST::/packages", "PUT::/packages/{id}", "PATCH::/packages/{id}"], set("version", unique)),
    ...body(of("notes"), set("title", unique)), // a change each, so that there are versions
    ...body(["POST::/users", "POST::/auth/register", "PUT::/users/{id}", "PATCH::/users/{id}"],
      set("email", `${unique}@example.com`), set("username", unique)),
    ...body(["PUT::/users/me", "PATCH::/users/me"], { key: "email", remove: true }, set("username", unique)),
    ...body(["POST::/auth/login"], set("username", "{{loginName}}"), set("password", "{{loginPassword}}")),
    ...body(["POST::/_batch"], set("[0].body", { title: "From a batch" })),
  ],
};
console.log(JSON.stringify(config, null, 2));
