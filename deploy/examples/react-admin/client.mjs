// An HTTP client through which react-admin's providers ra-data-json-server and ra-data-simple-rest talk to Cabinet:
//
//   import { fetchUtils } from "react-admin";
//   import jsonServerProvider from "ra-data-json-server";
//   const api = "https://api.example.org/api/v1";
//   const dataProvider = jsonServerProvider(api, cabinetClient(api, fetchUtils.fetchJson, () => token));
//
// What it translates: pages and order of both providers' queries; q, which is search; ids that are wanted together; PUT,
// which is a change here, of the fields that the OpenAPI document says may be changed; rows out of pages.  Errors have the
// message of the problem, and those of fields where react-admin shows them.

const json = (text) => (text === null ? undefined : JSON.parse(text));

// [column, order] and [first row, last row] of a query, whichever provider wrote it.
function placeOf(query) {
  if (query.has("_start") || query.has("_sort"))
    return {
      sort: query.has("_sort") ? [query.get("_sort"), query.get("_order")] : undefined,
      range: query.has("_end") ? [Number(query.get("_start")), Number(query.get("_end")) - 1] : undefined,
    };
  return { sort: json(query.get("sort")), range: json(query.get("range")) };
}

// The query of a list as Cabinet takes it.
export function translate(query) {
  const { sort, range } = placeOf(query);
  const out = new URLSearchParams();
  const filter = json(query.get("filter")) ?? {};
  for (const name of new Set(query.keys())) {
    if (["_sort", "_order", "_start", "_end", "sort", "range", "filter"].includes(name)) continue;
    const values = query.getAll(name);
    if (name === "q") filter.q = values[0];
    else if (values.length > 1) filter[name] = values;
    else out.set(name, values[0]);
  }
  if (filter.q) out.set("search", filter.q);
  delete filter.q;
  if (Object.keys(filter).length > 0) out.set("filter", JSON.stringify(filter));
  if (sort) out.set("sort", (sort[1] === "DESC" ? "-" : "") + sort[0]);
  if (range) {
    const size = range[1] - range[0] + 1;
    out.set("size", size);
    out.set("page", Math.floor(range[0] / size) + 1);
  } else {
    out.set("size", 100); // the most that a page has
  }
  return out;
}

export function cabinetClient(api, fetchJson, getToken) {
  let schemas;

  // The members of a row that may be sent to change it.
  async function changeable(table, row) {
    schemas ??= fetchJson(`${api}/openapi.json`).then(({ json }) => json.components.schemas);
    const { properties } = (await schemas)[`${table}_change`];
    return Object.fromEntries(Object.entries(row).filter(([name]) => name in properties));
  }

  return async function client(url, options = {}) {
    const target = new URL(url, globalThis.location?.href);
    const [table, id] = target.pathname.slice(new URL(api, target).pathname.length + 1).split("/");
    const isList = id === undefined && (options.method ?? "GET") === "GET";
    const request = { ...options, headers: new Headers(options.headers) };
    request.headers.set("Authorization", `Bearer ${await getToken()}`);
    request.headers.delete("Range");
    if (isList) target.search = translate(target.searchParams);
    if (options.method === "PUT") {
      request.method = "PATCH";
      request.body = JSON.stringify(await changeable(table, JSON.parse(options.body)));
    }
    if (options.method === "DELETE") request.headers.set("Prefer", "return=representation");
    try {
      const answer = await fetchJson(target.href, request);
      return isList ? { ...answer, json: answer.json.items } : answer;
    } catch (error) {
      if (error.body?.detail) error.message = error.body.detail;
      if (error.body?.errors)
        error.body.errors = Object.fromEntries(error.body.errors.map((flaw) => [flaw.field ?? "root.serverError", flaw.detail]));
      throw error;
    }
  };
}
