import { setTimeout as sleep } from "node:timers/promises";
import { ToolManager, usersApi } from "langchain-1password";
import { describe, expect, test, vi } from "vitest";
import { pinnedClient, firstClient, useHttp } from "../../support/mcp.js";
import { useSandbox } from "../../support/sandbox.js";
import { apiToken, useDesk, useManager } from "./servers.js";

const email = "m.scott@example.com";
const suspend = "onepassword_users_suspend";
const writing = { config: { methods: ["read", "write"] }, require_api_token_auth: true };

describe.each([pinnedClient, firstClient])(
  "what $name has asked for when its server is deleted",
  (client) => {
    test("and what still waits for the rate limit, is not sent any more", async () => {
      const sandbox = await useSandbox({ rateLimit: { limit: 3, windowMs: 2000, headers: "draft-6" } });
      const manager = new ToolManager({ source: usersApi({ ...sandbox }), backoff: true });
      const desk = useDesk(manager, { methods: ["read", "write"], approval: "none", graceMs: 50_000 });
      const { id, token } = await desk.handOut(writing);
      const { url } = await useHttp(desk.servers.fetch);
      const headers = { authorization: `Bearer ${apiToken}` };
      const connected = await client.connect(`${new URL(url).origin}/mcp/${token}`, { headers });
      await connected.callTool("list_all_1_password_users", { max_page_size: 1 });
      await connected.callTool("list_all_1_password_users", { max_page_size: 1 });
      const person = sandbox.users.find((user) => user.email === email)!;
      const outcome = connected
        .callTool(suspend, { id: person.id, expected_email: email })
        .catch((error: unknown) => error);
      // The person has been read, and the suspension waits for the next window.
      await vi.waitFor(() =>
        expect(sandbox.requests.some(({ path }) => path.endsWith(person.id))).toBe(true),
      );
      await desk.admin("DELETE", `/mcp-servers/${id}`);
      await outcome;
      await sleep(2500);
      expect(person.state).toBe("ACTIVE");
      expect(sandbox.requests.some(({ path }) => path.endsWith(":suspend"))).toBe(false);
    });

    test("and what still waits for a person, is not sent after their yes", async () => {
      const sandbox = await useSandbox();
      let approve: (answer: unknown) => void = () => undefined;
      const asked = new Promise<never>((resolve) => (approve = resolve as (answer: unknown) => void));
      const ask = vi.fn(() => asked);
      const manager = new ToolManager({ source: usersApi({ ...sandbox }), approval: { ask } });
      const desk = useDesk(manager, { methods: ["read", "write"], graceMs: 50_000 });
      const { id, token } = await desk.handOut(writing);
      const { url } = await useHttp(desk.servers.fetch);
      const headers = { authorization: `Bearer ${apiToken}` };
      const connected = await client.connect(`${new URL(url).origin}/mcp/${token}`, { headers });
      const person = sandbox.users.find((user) => user.email === email)!;
      const outcome = connected
        .callTool(suspend, { id: person.id, expected_email: email })
        .catch((error: unknown) => error);
      await vi.waitFor(() => expect(ask).toHaveBeenCalled());
      await desk.admin("DELETE", `/mcp-servers/${id}`);
      approve({ decision: "approve" });
      expect(JSON.stringify(await outcome)).not.toContain('"changed":true');
      expect(person.state).toBe("ACTIVE");
    });
  },
);

test("a workflow changes nobody after its server has expired", async () => {
  const sandbox = await useSandbox({ latencyMs: 20 });
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), workflows: true });
  const desk = useDesk(manager, { methods: ["read", "write", "audit"], approval: "none", graceMs: 50_000 });
  const config = { methods: ["read", "write", "audit"] };
  const { id, token } = await desk.handOut({ ...writing, config });
  const { url } = await useHttp(desk.servers.fetch);
  const headers = { authorization: `Bearer ${apiToken}` };
  const connected = await pinnedClient.connect(`${new URL(url).origin}/mcp/${token}`, { headers });
  const members = sandbox.users.filter(({ state, role }) => state === "ACTIVE" && role === "member");
  const emails = members.slice(0, 40).map((user) => user.email);
  const outcome = connected
    .callTool("audit_1_password_access", { emails, state: "SUSPENDED", fix: true })
    .catch(() => undefined);
  const writes = () => sandbox.requests.filter(({ path }) => path.endsWith(":suspend")).length;
  await vi.waitFor(() => expect(writes()).toBeGreaterThan(2));
  await desk.admin("DELETE", `/mcp-servers/${id}`);
  const then = writes();
  await outcome;
  // One may have been on its way.
  expect(writes()).toBeLessThanOrEqual(then + 1);
});

test("an end that no date can say is refused, and no other server is lost by it", async () => {
  const { manager } = await useManager();
  const desk = useDesk(manager);
  await desk.handOut();
  const { status, text } = await desk.admin("POST", "/mcp-servers", {
    name: "x",
    expires_at: "9999-12-31T23:59:59-00:01",
  });
  expect(status).toBe(400);
  expect(text).toContain("after the year 9999");
});

test("the administrator's listener checks host and origin as well", async () => {
  const { manager } = await useManager();
  const desk = useDesk(manager);
  expect((await desk.admin("GET", "/mcp-servers", undefined, { host: "evil.example" })).status).toBe(403);
  expect(
    (await desk.admin("GET", "/mcp-servers", undefined, { origin: "https://evil.example" })).status,
  ).toBe(403);
});
