// /docs and /problems in Debian's Chromium: shown whole, by this service alone, and requests tried out under a token.
// Prints TAP.  usage: node docs.mjs ADDRESS LOGIN PASSWORD
import assert from "node:assert/strict";
import { createRequire } from "node:module";
const { chromium } = createRequire(process.cwd() + "/")("playwright-core");

const [, , address, login, password] = process.argv;
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage();
const elsewhere = [], complaints = [];
page.on("request", (request) => {
  if (!request.url().startsWith(`${address}/`) && !request.url().startsWith("data:")) elsewhere.push(request.url());
});
page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
page.on("pageerror", (error) => complaints.push(String(error)));
page.setDefaultTimeout(30000);

let failed = 0;
async function step(name, run) {
  try {
    await run();
    console.log(`ok - ${name}`);
  } catch (error) {
    failed = 1;
    console.log(`not ok - ${name}`);
    console.log(`# ${error.stack ?? error}`.replace(/\n/g, "\n# "));
  }
}

// Opens an operation and sends its request; the status that the page shows, and the body.
async function tryOut(id) {
  const operation = page.locator(`[id$="-${id}"]`);
  if (!(await operation.locator(".opblock-body").count())) await operation.locator(".opblock-summary").click();
  await operation.locator(".execute").click();
  const answer = operation.locator(".live-responses-table");
  await answer.waitFor();
  return {
    status: (await answer.locator(".response-col_status").last().innerText()).trim().split(/\s/)[0],
    body: await answer.locator("code.language-json").first().innerText(),
  };
}

const answer = await fetch(`${address}/api/v1/auth/login`, { method: "POST", body: new URLSearchParams({ username: login, password }) });
const token = (await answer.json()).access_token;

await step("/docs shows every table and route", async () => {
  await page.goto(`${address}/docs`);
  await page.locator(".opblock-tag").first().waitFor();
  const document = await (await fetch(`${address}/api/v1/openapi.json`)).json();
  const tags = await page.locator(".opblock-tag").evaluateAll((all) => all.map((tag) => tag.dataset.tag));
  assert.deepEqual(tags.sort(), document.tags.map((tag) => tag.name).sort());
  assert.match(await page.locator(".info .title").first().innerText(), new RegExp(`^${document.info.title}`));
});
await step("a request without a token is refused, and the page says why", async () => {
  await page.locator('.opblock-tag[data-tag="users"]').click();
  const { status, body } = await tryOut("get_users_me");
  assert.equal(status, "401");
  assert.match(body, /access token/);
});
await step("under a token it is answered", async () => {
  await page.locator(".auth-wrapper .authorize").first().click();
  const bearer = page.locator(".auth-container", { has: page.locator("h4", { hasText: "bearer" }) }).first();
  await bearer.locator("input").fill(token);
  await bearer.locator("button.authorize").click();
  await page.locator(".modal-ux .btn-done").first().click();
  const { status, body } = await tryOut("get_users_me");
  assert.equal(status, "200");
  assert.equal(JSON.parse(body).email, login);
});
await step("a list is tried out with parameters", async () => {
  const operation = page.locator('[id$="-get_users"]');
  await operation.locator(".opblock-summary").click();
  await operation.locator('tr[data-param-name="size"] input').fill("1");
  const { status, body } = await tryOut("get_users");
  assert.equal(status, "200", body);
  const list = JSON.parse(body);
  assert.equal(list.size, 1);
  assert.equal(list.items.length, 1);
});
await step("/problems explains each code", async () => {
  const codes = ["not_found", "invalid", "unauthenticated", "forbidden", "precondition_failed", "write_fate_unknown", "bad_gateway"];
  for (const code of codes) {
    const shown = await page.goto(`${address}/problems/${code}`);
    assert.equal(shown.status(), 200, code);
    assert.equal(await page.locator("code").innerText(), code);
    assert.equal(await page.locator("h1").innerText(), await page.title());
    assert.ok((await page.locator("p").last().innerText()).length > 20);
  }
});
await step("nothing came from elsewhere, and nothing failed", async () => {
  assert.deepEqual(elsewhere, []);
  // The refusal that was tried out, and the page's own words for it.
  assert.deepEqual(complaints.filter((text) => !/status of 401/.test(text)), []);
});
await browser.close();
process.exit(failed);
