// Runs a collection, and prints how many requests and assertions there were and each that failed, as TAP.
// usage: node newman.mjs COLLECTION
import { createRequire } from "node:module";
const newman = createRequire(process.cwd() + "/")("newman");

newman.run({ collection: process.argv[2], reporters: [], timeoutRequest: 20000 }, (error, summary) => {
  if (error) throw error;
  const { requests, assertions } = summary.run.stats;
  for (const { source, error: { test, message } } of summary.run.failures)
    console.log(`# ${source?.name}: ${test ?? ""}: ${message}`.replace(/\s+/g, " ").slice(0, 300));
  const ok = summary.run.failures.length === 0 && requests.total > 0 && assertions.total > 0;
  console.log(`${ok ? "ok" : "not ok"} - ${requests.total} requests and ${assertions.total} assertions of the contract`);
  process.exit(ok ? 0 : 1);
});
