// Prints the operations that portman leaves out: those that need what comes by mail, from an authenticator or from another
// provider, or that would end the session under which the others are sent; and uploads, whose bodies are no JSON.
// usage: node portman-filter.mjs DOCUMENT > portman-filter.json
import { readFileSync } from "node:fs";

const document = JSON.parse(readFileSync(process.argv[2], "utf8"));
const kept = ["post_auth_register", "post_auth_login"];
const left = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method, { operationId }]) =>
      !kept.includes(operationId) && (
        path.endsWith("/_import") || path.startsWith("/auth/oauth/") ||
        (method !== "get" && (path.startsWith("/auth/") || path === "/admin/invitations"))))
    .map(([, { operationId }]) => operationId));
console.log(JSON.stringify({ operationIds: left }, null, 2));
