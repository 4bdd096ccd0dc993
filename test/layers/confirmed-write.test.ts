import { describe, expect, test } from "vitest";
import { defineTool, ToolManager, usersApi, type ManagerOptions } from "langchain-1password";
import { someCredentials, somebody, someId } from "../support/credentials.js";
import { toolsetErrorOf } from "../support/errors.js";
import { sendJson, tokenBody, useServer } from "../support/server.js";

const approve: ManagerOptions["approval"] = {
  ask: ({ id }) => ({ decision: "approve", requestId: id, approver: "pam@example.com" }),
};

/** What a rate limit's headers say after each read of the person, by how many there were. */
type Remaining = (read: number) => number;

/** An account of one person whose rate limit is as told, and who may become somebody else after a read. */
async function useAccount(
  options: Partial<ManagerOptions>,
  setup: {
    remaining: Remaining;
    resetS?: number;
    becomes?: { afterRead: number; change: Partial<{ email: string; state: string; display_name: string }> };
    refusals?: number;
  },
) {
  const { remaining, resetS = 1, becomes, refusals = 0 } = setup;
  const person: Record<string, string> = { ...somebody };
  const log: string[] = [];
  let refused = 0;
  let reads = 0;
  const { baseUrl } = await useServer(({ method, url }, response) => {
    if (url.pathname.includes("oauth")) {
      sendJson(response, 200, tokenBody);
      return;
    }
    if (method === "POST") {
      if (refused < refusals) {
        refused += 1;
        log.push("429");
        sendJson(response, 429, { code: 8, message: "limited", details: [] }, { "retry-after": "1" });
        return;
      }
      log.push(`suspend ${person.email}`);
      person.state = "SUSPENDED";
      sendJson(response, 200, person);
      return;
    }
    reads += 1;
    log.push("read");
    sendJson(response, 200, person, {
      "ratelimit-limit": "4",
      "ratelimit-remaining": `${remaining(reads)}`,
      "ratelimit-reset": `${resetS}`,
    });
    if (reads === becomes?.afterRead) Object.assign(person, becomes.change);
  });
  const source = usersApi({ ...someCredentials, baseUrl, apiVersion: "v1" });
  const manager = new ToolManager({ source, backoff: true, handleErrors: "none", ...options });
  const suspend = await manager.getTool("1_password_users_suspend");
  const make = () => suspend.invoke({ id: someId, expected_email: somebody.email }) as Promise<string>;
  return { make, log };
}

const plenty: Remaining = () => 3;

describe.each<[string, Partial<ManagerOptions>, number]>([
  ["identity alone", { identity: "required" }, 1],
  ["an approval", { identity: "required", approval: approve }, 2],
])("a write with %s", (_, options, looks) => {
  test("is read for no more often than its guards ask for, where nothing waits", async () => {
    const { make, log } = await useAccount(options, { remaining: plenty });
    expect(JSON.parse(await make())).toMatchObject({ state: "SUSPENDED", verified: true });
    expect(log).toEqual([...Array<string>(looks).fill("read"), `suspend ${somebody.email}`]);
  });

  test("is looked at again right before it leaves, where it had to wait", async () => {
    // Nothing is left after the guards' reads; the next window has room for the look and the write.
    const { make, log } = await useAccount(options, { remaining: (read) => (read <= looks ? 0 : 3) });
    expect(JSON.parse(await make())).toMatchObject({ state: "SUSPENDED", verified: true });
    expect(log.slice(-2)).toEqual(["read", `suspend ${somebody.email}`]);
    expect(log).toHaveLength(looks + 2);
  });

  test.each<[string, Record<string, string>]>([
    ["the id is somebody else's by then", { email: "new.ceo@example.com", display_name: "New CEO" }],
    ["the name is another", { display_name: "Somebody Else" }],
    ["the state is not known", { state: "STATE_UNSPECIFIED" }],
  ])("is not sent where it waited and %s", async (_case, change) => {
    const { make, log } = await useAccount(options, {
      remaining: (read) => (read <= looks ? 0 : 3),
      becomes: { afterRead: looks, change },
    });
    const { code, text } = await toolsetErrorOf(make());
    expect(code).toBe(looks === 1 ? "identity_mismatch" : "approval_expired");
    expect(text).toContain("Nothing was changed");
    expect(log.filter((line) => line.startsWith("suspend"))).toEqual([]);
  });

  test("is not sent where the limit never has room for the look and the write", async () => {
    const { make, log } = await useAccount(options, { remaining: () => 0 });
    const error = await toolsetErrorOf(make());
    expect(error).toMatchObject({ code: "rate_limited", unsent: true });
    expect(error.text).toMatch(/nothing was changed/i);
    expect(log).toEqual(Array(looks + 4).fill("read"));
  }, 20_000);
});

test("who is suspended already by then is left alone", async () => {
  const { make, log } = await useAccount(
    { identity: "required" },
    { remaining: (read) => (read === 1 ? 0 : 3), becomes: { afterRead: 1, change: { state: "SUSPENDED" } } },
  );
  expect(JSON.parse(await make())).toMatchObject({ state: "SUSPENDED", changed: false });
  expect(log).toEqual(["read", "read"]);
});

test("a write that a 429 refused is looked at again each time, however often that is", async () => {
  const { make, log } = await useAccount({ identity: "required" }, { remaining: plenty, refusals: 5 });
  expect(JSON.parse(await make())).toMatchObject({ state: "SUSPENDED" });
  expect(log).toEqual([
    "read",
    ...Array.from({ length: 5 }, () => ["429", "read"]).flat(),
    `suspend ${somebody.email}`,
  ]);
}, 20_000);

test("a call of several requests has its people looked at before each that waits", async () => {
  const sent: string[] = [];
  const source = usersApi({ ...someCredentials, baseUrl: "http://127.0.0.1:9", apiVersion: "v1" });
  const several = defineTool({
    name: "move_people",
    description: "Moves people.",
    schema: {
      type: "object",
      properties: { ids: { type: "array", items: { type: "string" } } },
      required: ["ids"],
      additionalProperties: false,
    },
    kind: "write",
    target: { argument: "ids", holds: "ids" },
    call: async (_args, context) => {
      const answer = async (name: string, remaining: number) => {
        await context.send(
          () => {
            sent.push(name);
            return Promise.resolve({
              headers: {
                "ratelimit-limit": "9",
                "ratelimit-remaining": `${remaining}`,
                "ratelimit-reset": "1",
              },
            });
          },
          { idempotent: true },
        );
      };
      await answer("first", 0);
      await answer("second", 8);
      return { data: "moved" };
    },
  });
  const ids = [someId, "BBBBBBBBBBBBBBBBBBBBBBBBBB"];
  const manager = new ToolManager({
    source: {
      ...source,
      readUser: (id, context) =>
        context
          .send(
            () => {
              sent.push(`read ${id}`);
              const headers = { "ratelimit-limit": "9", "ratelimit-remaining": "7", "ratelimit-reset": "1" };
              return Promise.resolve({ headers });
            },
            { idempotent: true },
          )
          .then(() => ({ ...somebody, id }) as never),
    },
    tools: [several],
    protect: ["nobody@example.com"],
    backoff: true,
  });
  const tool = await manager.getTool("move_people");
  await tool.invoke({ ids });
  const reads = ids.map((id) => `read ${id}`);
  expect(sent).toEqual([...reads, "first", ...reads, "second"]);
});
