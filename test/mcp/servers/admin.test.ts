import { afterEach, describe, expect, test, vi } from "vitest";
import { ToolManager, type ToolSource } from "langchain-1password";
import { memoryMcpServerStore } from "langchain-1password/mcp";
import { thrownBy } from "../../support/errors.js";
import { adminToken, apiToken, useDesk, useManager, type ShownServer } from "./servers.js";

afterEach(() => {
  vi.useRealTimers();
});

const inAYear = new Date(Date.now() + 365 * 86_400_000).toISOString();

describe("a server that is handed out", () => {
  test("is answered with its URL, which is in no later answer", async () => {
    const { manager } = await useManager();
    const { admin } = useDesk(manager);
    const wish = {
      name: "Auditors",
      config: { methods: ["list"], tags: ["directory"] },
      require_api_token_auth: false,
      expires_at: inAYear,
    };
    const made = await admin("POST", "/mcp-servers", wish);
    expect(made.status).toBe(201);
    expect(Object.keys(made.json)).toEqual(["id", "name", "config", "url", "expires_at"]);
    const { id, url } = made.json as { id: string; url: string };
    expect(made.json).toMatchObject({ name: wish.name, config: wish.config, expires_at: inAYear });
    expect(url).toMatch(/^https:\/\/mcp\.example\.com\/mcp\/[\w-]{43}$/);
    expect(made.headers.get("location")).toBe(`/mcp-servers/${id}`);
    expect(made.headers.get("cache-control")).toBe("no-store");

    const listed = await admin("GET", "/mcp-servers");
    const shown = await admin("GET", `/mcp-servers/${id}`);
    expect([listed.status, shown.status]).toEqual([200, 200]);
    expect(listed.json).toEqual({ result: [shown.json] });
    expect(shown.json).toEqual({ ...wish, id, created_at: expect.any(String) as string });
    expect(await admin("DELETE", `/mcp-servers/${id}`)).toMatchObject({ status: 204, text: "" });
    expect((await admin("GET", "/mcp-servers")).json).toEqual({ result: [] });
    for (const method of ["GET", "DELETE"]) {
      expect(await admin(method, `/mcp-servers/${id}`)).toMatchObject({ status: 404 });
    }
  });

  test("has a token and an id that no other has", async () => {
    const { manager } = await useManager();
    const { handOut } = useDesk(manager);
    const made = await Promise.all(Array.from({ length: 50 }, () => handOut()));
    expect(new Set(made.map(({ token }) => token)).size).toBe(50);
    expect(new Set(made.map(({ id }) => id)).size).toBe(50);
  });

  test.each([
    ["reads, where nothing is said and the operator allows both", ["read", "write"], {}, ["read"]],
    ["reads by their verbs, where the operator names verbs", ["list", "suspend"], {}, ["list"]],
    [
      "all that the operator allows, where an API token is needed as well",
      ["read", "write"],
      { require_api_token_auth: true },
      ["read", "write"],
    ],
    ["what was asked for", ["read", "write"], { config: { methods: ["get"] } }, ["get"]],
    [
      "the same tools by other words",
      ["read"],
      { config: { methods: ["list", "get", "find"] } },
      ["list", "get", "find"],
    ],
  ])("has %s", async (_what, methods, wish, expected) => {
    const { manager } = await useManager();
    const { admin } = useDesk(manager, { methods });
    const { status, json } = await admin("POST", "/mcp-servers", { name: "Auditors", ...wish });
    expect([status, json.config]).toEqual([201, { methods: expected }]);
  });

  test("has the operator's tags, where none are said", async () => {
    const { manager } = await useManager();
    const { admin } = useDesk(manager, { tags: ["directory"] });
    const { json } = await admin("POST", "/mcp-servers", { name: "Auditors", config: { methods: ["list"] } });
    expect(json.config).toEqual({ methods: ["list"], tags: ["directory"] });
  });

  test("ends at the time that was given with an offset", async () => {
    const { manager } = await useManager();
    const { admin } = useDesk(manager);
    const { json } = await admin("POST", "/mcp-servers", {
      name: "A",
      expires_at: "2999-02-28T23:30:00.5-01:00",
    });
    expect(json.expires_at).toBe("2999-03-01T00:30:00.500Z");
  });

  test("is not listed, nor shown, nor stored any more when it has ended", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { manager } = await useManager();
    const { admin, handOut, store } = useDesk(manager);
    const short = await handOut({ expires_at: new Date(Date.now() + 60_000).toISOString() });
    const long = await handOut({ expires_at: new Date(Date.now() + 60_001).toISOString() });
    vi.advanceTimersByTime(60_000);
    expect((await admin("GET", `/mcp-servers/${short.id}`)).status).toBe(404);
    const { result } = (await admin("GET", "/mcp-servers")).json as { result: ShownServer[] };
    expect(result.map(({ id }) => id)).toEqual([long.id]);
    expect(await store.get(short.id)).toBeUndefined();
  });
});

describe("a request to the administrator's listener is refused", () => {
  const list = `There are: name, config, require_api_token_auth, expires_at.`;
  const noName = `"name" is not a text of 1 to 100 printable characters. Give what the server is called by, such as "Auditors".`;
  const noTime = `"expires_at" is not a date and time with an offset (RFC 3339). Give one such as "2030-01-31T18:00:00Z", or null for a server that does not end.`;
  const given = `Allowed are list_all_1_password_users, get_single_1_password_user_by_id, find_1_password_users, which is {"methods":["read"]}.`;
  const cases: [what: string, wish: unknown, message: string][] = [
    ["no object", [], 'The body is not a JSON object. Send one such as { "name": "Auditors" }.'],
    ["null", null, 'The body is not a JSON object. Send one such as { "name": "Auditors" }.'],
    [
      "an unknown property",
      { name: "A", expires: inAYear },
      `"expires" is not a property of a server, and leaving it out would make another than was meant. ${list}`,
    ],
    [
      "a property of every object",
      '{"name":"A","__proto__":{"require_api_token_auth":true}}',
      `"__proto__" is not a property of a server, and leaving it out would make another than was meant. ${list}`,
    ],
    ["no name", {}, noName],
    ["an empty name", { name: "" }, noName],
    ["a blank name", { name: "  " }, noName],
    ["a name of 101", { name: "x".repeat(101) }, noName],
    ["a name on two lines", { name: "a\nb" }, noName],
    ["a name that reorders", { name: "a\u202eb" }, noName],
    ["a name that hides", { name: "a\u200bb" }, noName],
    ["an invisible name", { name: "\u3164" }, noName],
    ["a name that is a number", { name: 7 }, noName],
    [
      "a config that is a list",
      { name: "A", config: ["read"] },
      `"config" is not an object. Give one such as { "methods": ["read"] }.`,
    ],
    [
      "an unknown part of config",
      { name: "A", config: { method: ["read"] } },
      `"method" is not a property of "config", and leaving it out would select more tools than was meant. There are: methods, tags, task_users.`,
    ],
    [
      "no words",
      { name: "A", config: { methods: [] } },
      `"config.methods" is not a list of words with at least one in it. Give one such as ["read"], or leave it out for all that is allowed.`,
    ],
    [
      "a word for a list",
      { name: "A", config: { tags: "directory" } },
      `"config.tags" is not a list of words with at least one in it. Give one such as ["read"], or leave it out for all that is allowed.`,
    ],
    [
      "a word that no tool goes by",
      { name: "A", config: { methods: ["raed"] } },
      `The filter holds "raed", which no tool here goes by. Methods: "read", "write", "custom", "list", "get", "create", "update", "delete", "suspend", "reactivate", "find". Tags: "directory".`,
    ],
    [
      "tools beyond",
      { name: "A", config: { methods: ["list", "suspend"] } },
      `"config" selects tools beyond those that are allowed: onepassword_users_suspend. ${given} Narrow "methods" or "tags".`,
    ],
    [
      "tools beyond, with an API token too",
      { name: "A", config: { methods: ["write"] }, require_api_token_auth: true },
      `"config" selects tools beyond those that are allowed: onepassword_users_suspend, onepassword_users_reactivate. ${given} Narrow "methods" or "tags".`,
    ],
    [
      "nothing",
      { name: "A", config: { methods: ["create"] } },
      `"config" selects no tool: {"methods":["create"]}. ${given}`,
    ],
    [
      "neither yes nor no",
      { name: "A", require_api_token_auth: "false" },
      `"require_api_token_auth" is neither true nor false. Give true where callers have to send an API token as well.`,
    ],
    ...[
      "tomorrow",
      "2030-01-31",
      "2030-01-31T18:00:00",
      "2030-02-30T18:00:00Z",
      "2030-01-31T24:00:00Z",
      "2030-1-31T18:00:00Z",
      "2030-01-31 18:00:00Z",
      "+272030-01-31T18:00:00Z",
      "",
      1_900_000_000_000,
      false,
    ].map((end): [string, unknown, string] => [
      `the end ${JSON.stringify(end)}`,
      { name: "A", expires_at: end },
      noTime,
    ]),
    [
      "an end that has passed",
      { name: "A", expires_at: "2020-01-31T18:00:00+01:00" },
      `"expires_at" is 2020-01-31T17:00:00.000Z, which has passed. Give a time in the future.`,
    ],
  ];

  test.each(cases)("for a server with %s", async (_what, wish, message) => {
    const { manager } = await useManager();
    const { admin, store } = useDesk(manager);
    const { status, json } = await admin("POST", "/mcp-servers", wish === null ? "null" : wish);
    expect({ status, json }).toEqual({ status: 400, json: { error: { code: "invalid_argument", message } } });
    expect(await store.list()).toEqual([]);
  });

  test("for a server that writes, and that its URL alone would open", async () => {
    const { manager } = await useManager();
    const { admin } = useDesk(manager, { methods: ["read", "write"] });
    for (const methods of [
      ["read", "write"],
      ["suspend", "reactivate"],
    ]) {
      const { status, json } = await admin("POST", "/mcp-servers", { name: "A", config: { methods } });
      expect([status, json]).toEqual([
        400,
        {
          error: {
            code: "invalid_argument",
            message:
              `"config" selects tools that change people (onepassword_users_suspend, onepassword_users_reactivate), and a ` +
              `server that its URL alone opens has none. Give "methods": ["read"], or "require_api_token_auth": true.`,
          },
        },
      ]);
    }
  });

  test("for a server of an operator who allows writes alone, where its URL alone would open it", async () => {
    const { manager } = await useManager();
    const { admin } = useDesk(manager, { methods: ["suspend"] });
    const { status, text } = await admin("POST", "/mcp-servers", { name: "A" });
    expect(status).toBe(400);
    expect(text).toContain("selects tools that change people (onepassword_users_suspend)");
  });

  test("for a workflow that writes, where only its reading form is allowed", async () => {
    const { manager } = await useManager({ workflows: true });
    const { admin } = useDesk(manager, { methods: ["read"] });
    const verb = await admin("POST", "/mcp-servers", { name: "A", config: { methods: ["audit"] } });
    expect([verb.status, verb.text]).toEqual([
      400,
      expect.stringContaining("beyond those that are allowed: audit_1_password_access"),
    ]);
    expect((await admin("POST", "/mcp-servers", { name: "A", config: { methods: ["read"] } })).status).toBe(
      201,
    );
  });

  test("for a server that wants API tokens where there are none", async () => {
    const { manager } = await useManager();
    const { admin } = useDesk(manager, { authenticate: undefined });
    const { status, json } = await admin("POST", "/mcp-servers", { name: "A", require_api_token_auth: true });
    expect([status, json.error]).toEqual([
      400,
      {
        code: "invalid_argument",
        message:
          '"require_api_token_auth" is true, and there are no API tokens here, so that nobody could call the server. ' +
          "Start with API tokens, or leave it out for a server that only reads.",
      },
    ]);
  });

  const unauthorized =
    'The admin token is missing or wrong. Send it as "Authorization: Bearer <admin token>".';
  test.each([
    ["nothing", ""],
    ["another scheme", `Basic ${btoa(`admin:${adminToken}`)}`],
    ["the token alone", adminToken],
    ["an API token", `Bearer ${apiToken}`],
    ["the token without its last character", `Bearer ${adminToken.slice(0, -1)}`],
    ["the token with one more", `Bearer ${adminToken}9`],
    ["two tokens", `Bearer ${adminToken}, Bearer ${adminToken}`],
  ])("with 401 for %s as authorization, whatever it asks for", async (_what, authorization) => {
    const { manager } = await useManager();
    const { admin, store } = useDesk(manager);
    const requests: [string, string, unknown?][] = [
      ["POST", "/mcp-servers", { name: "A" }],
      ["GET", "/mcp-servers"],
      ["DELETE", "/mcp-servers/a"],
      ["GET", "/elsewhere"],
    ];
    for (const [method, path, body] of requests) {
      const reply = await admin(method, path, body, { authorization });
      expect([reply.status, reply.json]).toEqual([
        401,
        { error: { code: "unauthorized", message: unauthorized } },
      ]);
      expect(reply.headers.get("www-authenticate")).toBe('Bearer realm="mcp-servers"');
    }
    expect(await store.list()).toEqual([]);
  });

  test.each([
    [
      "PUT",
      "/mcp-servers",
      405,
      "method_not_allowed",
      "This path takes GET, POST. Send one of these.",
      "GET, POST",
    ],
    [
      "PATCH",
      "/mcp-servers/a",
      405,
      "method_not_allowed",
      "This path takes GET, DELETE. Send one of these.",
      "GET, DELETE",
    ],
    [
      "GET",
      "/",
      404,
      "not_found",
      "There is nothing at this path. Servers are at /mcp-servers and /mcp-servers/<id>.",
      null,
    ],
    [
      "GET",
      "/mcp-servers/",
      404,
      "not_found",
      "There is nothing at this path. Servers are at /mcp-servers and /mcp-servers/<id>.",
      null,
    ],
    [
      "GET",
      "/mcp-servers/a/b",
      404,
      "not_found",
      "There is nothing at this path. Servers are at /mcp-servers and /mcp-servers/<id>.",
      null,
    ],
    [
      "GET",
      "/mcp-servers/a",
      404,
      "not_found",
      "There is no such server: it never was, was deleted, or has ended. GET /mcp-servers lists those that there are.",
      null,
    ],
    [
      "DELETE",
      "/mcp-servers/constructor",
      404,
      "not_found",
      "There is no such server: it never was, was deleted, or has ended. GET /mcp-servers lists those that there are.",
      null,
    ],
  ])("%s %s with %i", async (method, path, status, code, message, allow) => {
    const { manager } = await useManager();
    const reply = await useDesk(manager).admin(method, path);
    expect([reply.status, reply.json, reply.headers.get("allow")]).toEqual([
      status,
      { error: { code, message } },
      allow,
    ]);
  });

  test.each([
    [
      "of 64 kB and one byte",
      `{"name":"${"x".repeat(65_536 - 10)}"}`,
      {},
      413,
      "The body is longer than 65536 bytes. Send a shorter one.",
    ],
    ["that is cut off", '{"name":"A"', {}, 400, "The body is not JSON in UTF-8. Send one JSON object."],
    ["that is empty", "", {}, 400, "The body is not JSON in UTF-8. Send one JSON object."],
    [
      "of another type",
      '{"name":"A"}',
      { "content-type": "text/plain" },
      415,
      'The body is not said to be JSON. Send it with "content-type: application/json".',
    ],
  ])("for a body %s", async (_what, body, headers, status, message) => {
    const { manager } = await useManager();
    const reply = await useDesk(manager).admin("POST", "/mcp-servers", body, headers);
    expect([reply.status, (reply.json.error as { message: string }).message]).toEqual([status, message]);
  });

  test("when the store fails, without what it says, which may hold a secret", async () => {
    const { manager } = await useManager();
    const store = {
      ...memoryMcpServerStore(),
      create: () => Promise.reject(new Error("secret-connection-string")),
    };
    const { status, json } = await useDesk(manager, { store }).admin("POST", "/mcp-servers", { name: "A" });
    expect([status, json.error]).toEqual([
      503,
      {
        code: "unavailable",
        message:
          "This was not done, because something that it needs failed. The reason is not known; look at what the store logs.",
      },
    ]);
  });

  test("when the tools cannot be listed", async () => {
    const source: ToolSource = {
      key: "broken",
      list: () => Promise.reject(new Error("Out of order.")),
      call: () => Promise.reject(new Error("never")),
    };
    const { admin, store } = useDesk(new ToolManager({ source }));
    expect((await admin("POST", "/mcp-servers", { name: "A" })).status).toBe(503);
    expect(await store.list()).toEqual([]);
  });
});

test('option "adminToken" of createMcpServers opens the administrator\'s listener, and nothing else does', async () => {
  const { manager } = await useManager();
  const opened = "an-administrator-of-32-characters-or-more";
  const { servers } = useDesk(manager, { adminToken: opened });
  const status = async (authorization: string) =>
    (await servers.admin(new Request("http://localhost/mcp-servers", { headers: { authorization } }))).status;
  expect(await status(`Bearer ${opened}`)).toBe(200);
  expect(await status(`Bearer ${opened}x`)).toBe(401);
  expect(await status("")).toBe(401);
});

describe("createMcpServers refuses", () => {
  test.each([
    [
      "a short admin token",
      { adminToken: "hunter2" },
      '"adminToken" is not a text of at least 32 letters, digits and -._~+/. Give a random one, as "openssl rand -hex 32" prints them.',
    ],
    [
      "an admin token that no header carries",
      { adminToken: "hunter2 ".repeat(8) },
      '"adminToken" is not a text of at least 32 letters, digits and -._~+/. Give a random one, as "openssl rand -hex 32" prints them.',
    ],
    [
      "no admin token",
      { adminToken: undefined as never },
      '"adminToken" is not a text of at least 32 letters',
    ],
    [
      "no public URL",
      { publicUrl: "" },
      '"publicUrl" is missing. Give what the URLs of servers begin with, such as "https://mcp.example.com".',
    ],
    ["a public URL that is none", { publicUrl: "mcp.example.com" }, '"publicUrl" is not a URL. Give what'],
    [
      "a public URL in the clear",
      { publicUrl: "http://mcp.example.com" },
      '"publicUrl" "http://mcp.example.com" is not https',
    ],
    [
      "a store without a function",
      { store: { list: () => [] } as never },
      '"store" has no function "create".',
    ],
    [
      "an option that it does not know",
      { admintoken: "x" } as never,
      '"admintoken" is not an option of createMcpServers',
    ],
    [
      "something that cannot tell who calls",
      { authenticate: "helpdesk" as never },
      '"authenticate" is "helpdesk". Give a function.',
    ],
  ])("%s", async (_what, options, words) => {
    const { manager } = await useManager();
    const { text } = thrownBy(() => useDesk(manager, options));
    expect(text).toContain(words);
    expect(text).not.toContain("hunter2");
  });
});
