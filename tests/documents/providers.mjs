// Walks react-admin's data providers through a life of rows: create, list, one, many, update, delete.  Prints TAP.
// usage: node providers.mjs CLIENT API TOKEN
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , client, api, token] = process.argv;
const require = createRequire(process.cwd() + "/");
const load = async (name) => (await import(pathToFileURL(require.resolve(name)).href)).default;
const { fetchUtils } = require("ra-core");
const { cabinetClient } = await import(pathToFileURL(client).href);
const providers = {
  "ra-data-json-server": await load("ra-data-json-server"),
  "ra-data-simple-rest": await load("ra-data-simple-rest"),
};

let failed = 0;
async function step(name, run) {
  try {
    await run();
    console.log(`ok - ${name}`);
  } catch (error) {
    failed = 1;
    console.log(`not ok - ${name}`);
    console.log(`# ${error.stack ?? error} ${JSON.stringify(error.body ?? "")}`.replace(/\n/g, "\n# "));
  }
}

for (const [name, module] of Object.entries(providers)) {
  const make = module.default ?? module;
  const provider = make(api, cabinetClient(api, fetchUtils.fetchJson, () => token));
  const word = `walk${Date.now()}${Math.floor(Math.random() * 1e6)}`;
  const made = [];

  await step(`${name}: create`, async () => {
    for (let i = 0; i < 25; i++) {
      const { data } = await provider.create("notes", { data: { title: `${word} ${i}`, rank: i, color: i % 2 ? "odd" : "even" } });
      assert.equal(data.title, `${word} ${i}`);
      made.push(data.id);
    }
    assert.equal(new Set(made).size, 25);
  });
  await step(`${name}: list, in pages and in order`, async () => {
    const seen = [];
    for (const page of [1, 2, 3]) {
      const { data, total } = await provider.getList("notes", {
        pagination: { page, perPage: 10 }, sort: { field: "rank", order: "DESC" }, filter: { q: word },
      });
      assert.equal(total, 25);
      seen.push(...data.map((row) => row.rank));
    }
    assert.deepEqual(seen, [...Array(25).keys()].reverse());
  });
  await step(`${name}: list with a filter`, async () => {
    const { data, total } = await provider.getList("notes", {
      pagination: { page: 1, perPage: 50 }, sort: { field: "id", order: "ASC" }, filter: { q: word, color: "odd" },
    });
    assert.equal(total, 12);
    assert.ok(data.every((row) => row.color === "odd"));
  });
  await step(`${name}: one`, async () => {
    const { data } = await provider.getOne("notes", { id: made[3] });
    assert.equal(data.id, made[3]);
    assert.equal(data.rank, 3);
  });
  await step(`${name}: many`, async () => {
    const { data } = await provider.getMany("notes", { ids: made });
    assert.deepEqual(data.map((row) => row.id).sort((a, b) => a - b), made);
  });
  await step(`${name}: many that refer to one`, async () => {
    const owner = (await provider.getOne("notes", { id: made[0] })).data.owner_id;
    const { data, total } = await provider.getManyReference("notes", {
      target: "owner_id", id: owner, pagination: { page: 1, perPage: 5 }, sort: { field: "id", order: "ASC" }, filter: { q: word },
    });
    assert.equal(total, 25);
    assert.deepEqual(data.map((row) => row.id), made.slice(0, 5));
  });
  await step(`${name}: update, with the whole row as react-admin sends it`, async () => {
    const { data: before } = await provider.getOne("notes", { id: made[0] });
    const { data } = await provider.update("notes", { id: made[0], data: { ...before, title: `${word} new` }, previousData: before });
    assert.equal(data.title, `${word} new`);
    assert.equal(data.rank, before.rank);
    await provider.updateMany("notes", { ids: made.slice(1, 3), data: { color: "changed" } });
    assert.equal((await provider.getOne("notes", { id: made[2] })).data.color, "changed");
  });
  await step(`${name}: an error names the field`, async () => {
    await assert.rejects(provider.create("notes", { data: { title: "", rank: 1 } }), (error) => {
      assert.equal(error.status, 422);
      assert.equal(error.body.errors.title, "The title must have 1 to 200 characters.");
      return true;
    });
  });
  await step(`${name}: delete`, async () => {
    const { data } = await provider.delete("notes", { id: made[0], previousData: {} });
    assert.equal(data.id, made[0]);
    await provider.deleteMany("notes", { ids: made.slice(1) });
    await assert.rejects(provider.getOne("notes", { id: made[0] }), { status: 404 });
    const { total } = await provider.getList("notes", {
      pagination: { page: 1, perPage: 10 }, sort: { field: "id", order: "ASC" }, filter: { q: word },
    });
    assert.equal(total, 0);
  });
}
process.exit(failed);
