import { expect, test } from "vitest";
import { useHostileServer, someErrorAnswers, brokenAnswers, brokenTokens, brokenTools, type Endpoint, type Failure } from "./support/hostile-server.js";
import { hostNames, runFailing, type FailingRun } from "./support/failing-run.js";
import { LeakSearch } from "./support/leak-search.js";

const clientId = "client-1 %of+acme:";
const clientSecret = 'p@ss:w/ö%r+d "q" \\ and-no_more.of!it';
const apiKey = 'truto_p@ss:w/%r+d"q"\\key&=~and-more';

test("x", async () => {
  const server = await useHostileServer();
  const form = (t: string) => encodeURIComponent(t).replace(/[-_.!~*'()]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase()).replaceAll("%20", "+");
  const search = new LeakSearch([
    { name: "secret", value: clientSecret },
    { name: "token", value: server.tokenStart },
    { name: "key", value: apiKey },
    { name: "basic", value: Buffer.from(`${form(clientId)}:${form(clientSecret)}`).toString("base64") },
  ]);
  const runs: (() => Promise<void>)[] = [];
  const found = new Map<string, string>();
  let n = 0, events = 0;
  const add = (api: "users" | "truto", endpoint: Endpoint, name: string, failure: Failure, backoff: boolean) => {
    const baseUrl = server.baseUrlOf(endpoint, failure);
    const host = hostNames[n++ % hostNames.length]!;
    const run: FailingRun = { api, endpoint, baseUrl, clientId, secret: api === "users" ? clientSecret : apiKey, host, backoff, timeoutMs: /no answer|stalls/.test(name) ? 100 : 5000 };
    runs.push(async () => {
      await runFailing(run, (where, what) => {
        events++;
        for (const leak of search.in(what)) {
          const key = `${api} ${where} ${name}`;
          if (!found.has(key)) found.set(key, `${endpoint} ${host} ${leak.what}: ${leak.around.slice(0,200)}`);
        }
      });
      if (server.failed(baseUrl) === 0) console.log("never failed", api, endpoint, name, host, backoff);
    });
  };
  for (const backoff of [false, true]) {
    const all = { ...someErrorAnswers, ...brokenAnswers };
    for (const e of ["token", "revoke", "list", "get", "suspend", "reactivate"] as Endpoint[])
      for (const [name, f] of Object.entries({ ...all, ...(e === "token" ? brokenTokens : {}) })) add("users", e, name, f, backoff);
    for (const e of ["tools", "list", "get", "suspend", "reactivate"] as Endpoint[])
      for (const [name, f] of Object.entries({ ...all, ...(e === "tools" ? brokenTools : {}) })) add("truto", e, name, f, backoff);
  }
  const t = Date.now();
  const queue = [...runs];
  await Promise.all(Array.from({ length: 60 }, async () => { for (let r = queue.shift(); r; r = queue.shift()) await r(); }));
  console.log(runs.length, "runs", events, "events", search.size, "texts", Date.now() - t, "ms");
  console.log([...found].map(([k, v]) => `${k}\n      ${v}`).join("\n"));
  expect(found.size).toBe(0);
}, 120_000);
