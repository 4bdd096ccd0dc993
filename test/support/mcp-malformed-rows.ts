import { initialize, postHeaders } from "../mcp/http/messages.js";
import {
  envelope,
  maxBodyBytes,
  modernCall,
  modernHeaders,
  openState,
  type Door,
  type MalformedWorld,
  type RawAnswer,
  type RawRequest,
} from "./mcp-malformed-world.js";

/** What a malformed request has to get: its status, and where there is one the code of its error. */
export interface Expected {
  readonly status: number;
  /** The JSON-RPC error's code. */
  readonly code?: number;
  /** The code of a tool's error, which a model reads. */
  readonly toolCode?: string;
}

/** One malformed request. */
export interface Row {
  readonly name: string;
  readonly request: RawRequest;
  readonly expected: Expected;
}

/** Makes the rows of one kind. */
export type RowTable = (world: MalformedWorld, random: () => number) => Row[] | Promise<Row[]>;

const get = "get_single_1_password_user_by_id";
const suspend = "onepassword_users_suspend";
const prototypeNames = ["__proto__", "constructor", "toString", "hasOwnProperty"];

/** Numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The HTTP method and what the body is said to be. */
export const methodsAndTypes: RowTable = ({ doors, sandbox }) => {
  const read = readIn(sandbox);
  return doors.flatMap((door) => [
    ...["PUT", "PATCH", "OPTIONS", "PROPFIND", "LINK"].map((method) =>
      at(
        door,
        method,
        { method, headers: { ...postHeaders, ...inSession(door) }, body: read },
        { status: 405, code: -32000 },
      ),
    ),
    at(door, "HEAD", { method: "HEAD" }, { status: 405 }),
    at(door, "GET without a session", { method: "GET", headers: { accept: "text/event-stream" } }, noSession),
    at(door, "DELETE without a session", { method: "DELETE" }, noSession),
    at(
      door,
      "GET of no stream",
      { method: "GET", headers: { ...inSession(door), accept: "text/html" } },
      {
        status: 406,
        code: -32000,
      },
    ),
    ...[
      undefined,
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonp",
      "text/json",
      "application/json-seq, application/json",
    ].map((type) =>
      at(
        door,
        `a body of type ${String(type)}`,
        { headers: { ...postHeaders, ...inSession(door), "content-type": type }, body: read },
        { status: 415, code: -32000 },
      ),
    ),
    ...["text/html", "application/json", "text/event-stream"].map((accept) =>
      at(
        door,
        `only ${accept} is accepted`,
        { headers: { ...postHeaders, ...inSession(door), accept }, body: read },
        { status: 406, code: -32000 },
      ),
    ),
  ]);
};

/** Bodies that are no JSON, or too much of it. */
export const bodies: RowTable = ({ doors, sandbox }, random) => {
  const read = readIn(sandbox);
  const json = JSON.stringify(read);
  const notJson: Record<string, unknown> = {
    "no body": "",
    "white space": " \n\t",
    "half an object": json.slice(0, 1 + Math.floor(random() * (json.length - 1))),
    "a brace": "{",
    "two messages": `${json}${json}`,
    "single quotes": "{'jsonrpc':'2.0'}",
    NaN: json.replace('"id":1', '"id":NaN'),
    "a comment": `${json} // now`,
    "no UTF-8": Buffer.concat([
      Buffer.from(json.slice(0, -1)),
      Buffer.from(',"x":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]),
    "UTF-16": Buffer.from(json, "utf16le"),
    "half of a deep nest": "[".repeat(30_000),
  };
  const nest = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  return doors.flatMap((door) => [
    ...Object.entries(notJson).map(([name, body]) =>
      at(
        door,
        name,
        { headers: { ...postHeaders, ...inSession(door) }, body },
        { status: 400, code: -32700 },
      ),
    ),
    at(
      door,
      "too large a body",
      { headers: { ...postHeaders, ...inSession(door) }, body: json + " ".repeat(maxBodyBytes) },
      tooLarge,
    ),
    at(
      door,
      "too large a body in chunks",
      {
        headers: {
          ...postHeaders,
          ...inSession(door),
          "content-length": undefined,
          "transfer-encoding": "chunked",
        },
        body: json + " ".repeat(maxBodyBytes),
      },
      tooLarge,
    ),
    at(
      door,
      "a body that does not end",
      { headers: { ...postHeaders, ...inSession(door) }, body: json, isStalled: true },
      { status: 408, code: -32000 },
    ),
    at(
      door,
      "a body that does not begin",
      { headers: { ...postHeaders, ...inSession(door) }, body: "", isStalled: true },
      { status: 408, code: -32000 },
    ),
    at(
      door,
      "deep nesting for a message",
      { headers: { ...postHeaders, ...inSession(door) }, body: nest(5000) },
      invalidRequest,
    ),
    at(
      door,
      "deep nesting in arguments",
      {
        headers: { ...postHeaders, ...inSession(door) },
        body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${get}","arguments":${nest(5000)}}}`,
      },
      { status: 200, toolCode: "invalid_argument" },
    ),
  ]);
};

/** JSON that is no JSON-RPC. */
export const messages: RowTable = ({ doors, sandbox }) => {
  const read = readIn(sandbox);
  const wrong: Record<string, unknown> = {
    null: null,
    true: true,
    "a number": 42,
    text: JSON.stringify("ping"),
    "an empty object": {},
    "an empty array": [],
    "an array in an array": [[read]],
    "an array of numbers": [1, 2],
    "version 1.0": { ...read, jsonrpc: "1.0" },
    "version 2 as a number": { ...read, jsonrpc: 2 },
    "no version": { ...read, jsonrpc: undefined },
    "a method that is a number": { ...read, method: 7 },
    "a method that is null": { ...read, method: null },
    "an id that is an object": { ...read, id: {} },
    "an id that is an array": { ...read, id: [1] },
    "an id that is true": { ...read, id: true },
    "an id with a fraction": { ...read, id: 1.5 },
    "an id that is null": { ...read, id: null },
    "params that are text": { ...read, params: "x" },
    "params that are a number": { ...read, params: 5 },
    "params that are an array": { ...read, params: [read.params] },
    "both a result and an error": { jsonrpc: "2.0", id: 1, result: {}, error: { code: 1, message: "x" } },
  };
  return doors.flatMap((door) => [
    ...Object.entries(wrong).map(([name, body]) =>
      at(
        door,
        `${name}, in a session`,
        { headers: { ...postHeaders, ...inSession(door) }, body },
        invalidRequest,
      ),
    ),
  ]);
};

/** Methods, revisions and headers that do not go together. */
export const revisions: RowTable = ({ doors, sandbox }) => {
  const read = readIn(sandbox);
  return doors.flatMap((door) => {
    const listing = { ...read, params: { ...read.params, _meta: envelope } };
    const modern = (
      name: string,
      headers: Record<string, string | undefined>,
      expected: Expected,
      body: unknown = listing,
    ) => at(door, name, { headers: { ...modernHeaders("tools/call", get), ...headers }, body }, expected);
    const meta = (changed: Record<string, unknown>) => ({
      ...listing,
      params: { ...read.params, _meta: { ...envelope, ...changed } },
    });
    const versionKey = "io.modelcontextprotocol/protocolVersion";
    const old = { headers: { ...postHeaders, ...inSession(door) } };
    return [
      ...["tools/destroy", "Tools/List", "", ...prototypeNames].map((method) =>
        at(door, `the method "${method}" in 2025`, { ...old, body: { ...read, method } }, unknownMethod(200)),
      ),
      ...["tools/destroy", "initialize2", ...prototypeNames].map((method) =>
        at(
          door,
          `the method "${method}" in 2026`,
          { headers: modernHeaders(method), body: { ...listing, method } },
          unknownMethod(404),
        ),
      ),
      ...["1999-01-01", "2026-07-28", "latest"].map((version) =>
        at(
          door,
          `the header says ${version} in a session of 2025`,
          { headers: { ...old.headers, "mcp-protocol-version": version }, body: read },
          { status: 400 },
        ),
      ),
      modern("another method in the header", { "mcp-method": "tools/list" }, mismatch),
      modern("no method in the header", { "mcp-method": undefined }, mismatch),
      modern("another revision in the header", { "mcp-protocol-version": "2025-11-25" }, mismatch),
      modern("no revision in the header", { "mcp-protocol-version": undefined }, mismatch),
      modern(
        "a revision that there is not",
        { "mcp-protocol-version": "2031-01-01" },
        { status: 400, code: -32022 },
        meta({ [versionKey]: "2031-01-01" }),
      ),
      modern("a revision that is a number", {}, { status: 400 }, meta({ [versionKey]: 2026 })),
      modern(
        "capabilities that are text",
        {},
        { status: 400, code: -32602 },
        meta({ "io.modelcontextprotocol/clientCapabilities": "all" }),
      ),
      modern("two messages at once in 2026", {}, { status: 400, code: -32600 }, [listing, listing]),
      at(
        door,
        "another tool in the header",
        {
          headers: modernHeaders("tools/call", "list_all_1_password_users"),
          body: listing,
        },
        mismatch,
      ),
      at(door, "no tool in the header", { headers: modernHeaders("tools/call"), body: listing }, mismatch),
      at(
        door,
        "initialize that names no revision",
        {
          headers: postHeaders,
          body: { ...initialize, params: { ...initialize.params, protocolVersion: 5 } },
        },
        { status: 400 },
      ),
      at(
        door,
        "initialize without params",
        { headers: postHeaders, body: { ...initialize, params: undefined } },
        { status: 400 },
      ),
    ];
  });
};

/** Sessions that are not there, or not the caller's. */
export const sessions: RowTable = async (world, random) => {
  const { doors, ended, sandbox, secrets, secret, send } = world;
  const read = readIn(sandbox);
  const [own, reading, writing] = doors as [Door, Door, Door];
  const bob = { authorization: `Bearer ${secrets.get("bob's token")!}` };
  const closed = await send({ ...own, headers: { ...postHeaders, ...own.headers }, body: initialize });
  const closedSession = secret("closed session", closed.sessionId!);
  await send({
    ...own,
    method: "DELETE",
    headers: { ...own.headers, "mcp-session-id": closedSession },
  });
  const called = (id: string, headers = {}) => ({
    headers: { ...postHeaders, ...headers, "mcp-session-id": id },
    body: read,
  });
  const malformed = [
    "00000000-0000-4000-8000-000000000000",
    "1",
    "null",
    "undefined",
    "../../etc/passwd",
    "' OR 1=1 --",
    "__proto__",
    "constructor",
    "x".repeat(4000),
  ];
  return [
    ...doors.flatMap((door) => [
      ...malformed.map((id) => at(door, `session "${id.slice(0, 40)}"`, called(id), unknownSession)),
      at(door, "a session with another case", called(door.session.toUpperCase()), unknownSession),
      at(door, "a tampered session", called(tampered(door.session, random)), unknownSession),
      at(door, "two sessions", called(`${door.session}, ${door.session}`), unknownSession),
      at(door, "no session", { headers: postHeaders, body: read }, noSession),
      ...doors
        .filter((other) => other !== door)
        .map((other) => at(door, `the session of the ${other.name}`, called(other.session), unknownSession)),
      at(
        door,
        "GET with a session that there is not",
        { method: "GET", headers: { accept: "text/event-stream", "mcp-session-id": crypto.randomUUID() } },
        unknownSession,
      ),
      at(
        door,
        "DELETE with a session that there is not",
        { method: "DELETE", headers: { "mcp-session-id": crypto.randomUUID() } },
        unknownSession,
      ),
    ]),
    at(own, "an ended session", called(closedSession), unknownSession),
    ...[own, writing].flatMap((door) => [
      at(door, "another principal's session", called(door.session, bob), unknownSession),
      at(
        door,
        "GET with another principal's session",
        { method: "GET", headers: { ...inSession(door), ...bob, accept: "text/event-stream" } },
        unknownSession,
      ),
      at(
        door,
        "DELETE with another principal's session",
        { method: "DELETE", headers: { ...inSession(door), ...bob } },
        unknownSession,
      ),
    ]),
    ...ended.map(({ name, path, session }) =>
      at({ ...reading, path }, `a session of the ${name} server`, called(session), unknownSession),
    ),
  ];
};

/** Tokens that are missing, wrong, or not where they belong. */
export const tokens: RowTable = ({ doors, ended, sandbox, secrets, secret }, random) => {
  const read = readIn(sandbox);
  const calling = (name: string) => ({ ...read, params: { ...read.params, name } });
  const without = (door: Door, headers: RawRequest["headers"] = {}) => ({
    headers: { ...postHeaders, ...inSession(door), authorization: undefined, ...headers },
    body: read,
  });
  const [own, reading, writing] = doors as [Door, Door, Door];
  const ada = secrets.get("ada's token")!;
  const adminToken = secrets.get("admin token")!;
  const readingToken = reading.path.slice("/mcp/".length);
  const wrong: Record<string, string | undefined> = {
    "no token": undefined,
    "an empty token": "Bearer ",
    "a tampered token": `Bearer ${secret("tampered token", tampered(ada, random))}`,
    "half a token": `Bearer ${ada.slice(0, 32)}`,
    "a token and more": `Bearer ${ada}0`,
    "two tokens": `Bearer ${ada} ${ada}`,
    "another scheme": `Token ${ada}`,
    "no scheme": ada,
    "Basic with the token": `Basic ${Buffer.from(`ada:${ada}`).toString("base64")}`,
    "the admin token": `Bearer ${adminToken}`,
    "a server's token": `Bearer ${readingToken}`,
    "a token in capitals": `Bearer ${ada.toUpperCase()}`,
    "a very long token": `Bearer ${ada.repeat(100)}`,
  };
  const misplaced = (door: Door): Row[] => [
    at(
      door,
      "the token in the query",
      { path: `${door.path}?access_token=${ada}`, ...without(door) },
      unauthorized,
    ),
    at(door, "the token in a cookie", without(door, { cookie: `token=${ada}` }), unauthorized),
    at(door, "the token in X-Api-Key", without(door, { "x-api-key": ada }), unauthorized),
    at(door, "the token as a session", without(door, { "mcp-session-id": ada }), unauthorized),
    at(door, "the token as a tool", { ...without(door), body: calling(ada) }, unauthorized),
    at(door, "the token as a method", { ...without(door), body: { ...read, method: ada } }, unauthorized),
  ];
  const gone = { status: 404, code: -32001 };
  const valid = { headers: { ...postHeaders, ...inSession(own) }, body: read };
  const nowhere = (name: string, path: string): Row =>
    at(reading, name, { path, headers: { ...postHeaders, ...inSession(reading) }, body: read }, gone);
  return [
    ...[own, writing].flatMap((door) => [
      ...Object.entries(wrong).map(([name, authorization]) =>
        at(door, name, without(door, { authorization }), unauthorized),
      ),
      ...misplaced(door),
    ]),
    at(own, "a token in the path", { path: `/mcp/${ada}`, ...without(own) }, unauthorized),
    at(own, "a server's token in the path", { path: reading.path, ...without(own) }, unauthorized),
    at(own, "a token for a tool, by one who may call", { ...valid, body: calling(ada) }, unknownTool),
    at(
      own,
      "a token for a method, by one who may call",
      { ...valid, body: { ...read, method: ada } },
      unknownMethod(200),
    ),
    at(
      own,
      "a token in the path, by one who may call",
      { ...valid, path: `/${ada}`, body: calling("none") },
      unknownTool,
    ),
    ...ended.map(({ name, path }) => nowhere(`the ${name} server`, path)),
    nowhere("no token in the path", "/mcp/"),
    nowhere("no path", "/"),
    nowhere(
      "a tampered server token",
      `/mcp/${secret("tampered server token", tampered(readingToken, random))}`,
    ),
    nowhere("half a server token", `/mcp/${readingToken.slice(0, 22)}`),
    nowhere("a server token and more", `/mcp/${readingToken}A`),
    nowhere("a server token and a slash", `/mcp/${readingToken}/`),
    nowhere("a server token in the query", `/mcp?token=${readingToken}`),
    nowhere("a server token without /mcp", `/${readingToken}`),
    nowhere("an API token in the path", `/mcp/${ada}`),
    nowhere("the admin token in the path", `/mcp/${adminToken}`),
    nowhere("the admin's path", "/mcp-servers"),
    nowhere("a prototype's name in the path", "/mcp/__proto__"),
    nowhere("a server token behind dots", `/mcp/x/../../${readingToken}`),
    ...[
      undefined,
      `Bearer ${ada}`,
      `Bearer ${readingToken}`,
      `Bearer ${secret("tampered admin token", tampered(adminToken, random))}`,
      adminToken,
    ].map((authorization, index) => ({
      name: `the administrator's listener, wrong token ${index + 1}`,
      request: {
        to: "admin" as const,
        path: "/mcp-servers",
        headers: { "content-type": "application/json", authorization },
        body: { name: "mine" },
      },
      expected: { status: 401 },
    })),
    ...[`/mcp-servers/${readingToken}`, `/${adminToken}`, `/mcp-servers?token=${adminToken}`].map((path) => ({
      name: `the administrator's listener, a token in the path ${path.slice(0, 13)}`,
      request: { to: "admin" as const, method: "GET", path, headers: {} },
      expected: { status: 401 },
    })),
  ];
};

/** Answers to questions that were tampered with, are too old, or somebody else's. */
export const states: RowTable = async (world, random) => {
  const { doors, sandbox, secrets, secret } = world;
  const [own, , writing] = doors as [Door, Door, Door];
  const bob = { authorization: `Bearer ${secrets.get("bob's token")!}` };
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  const args = { id: person.id, expected_email: person.email };
  const yes = { approve: { action: "accept", content: { approve: true } } };
  const rows: Row[] = [];
  const keep = async (name: string, door: Door, agoMs = 0) =>
    secret(name, await openState(world, door, { agoMs }));
  const stateOf = {
    own: await keep("state of own", own),
    writing: await keep("state of writing", writing),
    old: await keep("expired state", own, 3 * 86_400_000),
  };
  const answer = (
    door: Door,
    name: string,
    requestState: unknown,
    expected: Expected = invalidState,
    { tool = suspend, given = args, headers = {} }: { tool?: string; given?: object; headers?: object } = {},
  ) => {
    const request = modernCall(door, tool, { arguments: given, requestState, inputResponses: yes });
    rows.push({
      name: `${door.name}: ${name}`,
      request: { ...request, headers: { ...request.headers, ...headers } },
      expected,
    });
  };
  for (const [door, state] of [
    [own, stateOf.own],
    [writing, stateOf.writing],
  ] as const) {
    for (let count = 1; count <= 8; count += 1) {
      answer(door, `a tampered state, ${count}`, tampered(state, random));
    }
    answer(door, "half a state", state.slice(0, Math.floor(state.length / 2)));
    answer(door, "a state without its end", state.slice(0, -1));
    answer(door, "a state and more", `${state}A`);
    answer(door, "two states", `${state}${state}`);
    answer(door, "a state that is no text", 5);
    answer(door, "a state that is an object", { state });
    answer(door, "an empty state", "");
    answer(door, "another server's state", door === own ? stateOf.writing : stateOf.own);
    answer(door, "another principal's state", state, invalidState, { headers: bob });
    answer(
      door,
      "a state for other arguments",
      state,
      { status: 200, toolCode: "approval_unavailable" },
      { given: { ...args, id: sandbox.users.find(({ id }) => id !== person.id)!.id } },
    );
    answer(
      door,
      "a state for another tool",
      state,
      { status: 200, toolCode: "approval_unavailable" },
      { tool: "onepassword_users_reactivate" },
    );
    answer(
      door,
      "a state for a read",
      state,
      { status: 200, toolCode: "approval_unavailable" },
      { tool: get, given: { id: person.id } },
    );
  }
  answer(own, "an expired state", stateOf.old);
  return rows;
};

/** Where a request was sent to, and which page sent it. */
export const hostsAndOrigins: RowTable = ({ doors, hosts, sandbox }) => {
  const read = readIn(sandbox);
  const json = JSON.stringify(read);
  return doors.flatMap((door) => {
    const port = hosts[door.to].split(":")[1]!;
    const headersOf = { ...postHeaders, ...inSession(door) };
    const sent = (headers: Record<string, string>) => ({
      headers: { ...headersOf, ...headers },
      body: read,
    });
    const forbidden = { status: 403, code: -32000 };
    const lines = Object.entries({ ...headersOf, ...door.headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const wire = (protocol: string, ...more: string[]) => ({
      wire: [
        `POST ${door.path} ${protocol}`,
        ...more,
        ...lines,
        `content-length: ${json.length}`,
        "connection: close",
        "",
        json,
      ].join("\r\n"),
    });
    return [
      ...[
        "evil.example",
        `evil.example:${port}`,
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.2",
        "0.0.0.0",
        "[::2]",
        "xn--localhst-c1a",
      ].map((host) => at(door, `Host: ${host}`, sent({ host }), forbidden)),
      ...["user@127.0.0.1", "127.0.0.1:99999", "127.0.0.1/evil", "a b"].map((host) =>
        at(door, `Host: ${host}`, sent({ host }), { status: 400 }),
      ),
      ...[
        "http://evil.example",
        "https://localhost.evil.example",
        "null",
        "file://",
        "about:blank",
        "127.0.0.1",
        "http://127.0.0.1@evil.example",
        `http://evil.example:${port}`,
      ].map((origin) => at(door, `Origin: ${origin}`, sent({ origin }), forbidden)),
      at(door, "no Host", wire("HTTP/1.1"), { status: 400 }),
      at(door, "two Hosts", wire("HTTP/1.1", `host: ${hosts[door.to]}`, "host: evil.example"), forbidden),
    ];
  });
};

/** Tools that there are not, or not here, and arguments that do not fit. */
export const tools: RowTable = ({ doors, sandbox }) => {
  const { id } = sandbox.users[0]!;
  return doors.flatMap((door) => {
    const old = (name: string, tool: unknown, given: unknown, expected: Expected) =>
      at(
        door,
        `${name}, in 2025`,
        {
          headers: { ...postHeaders, ...inSession(door) },
          body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: tool, arguments: given } },
        },
        expected,
      );
    const modern = (name: string, tool: string, given: unknown, expected: Expected) => ({
      name: `${door.name}: ${name}, in 2026`,
      request: modernCall(door, tool, { arguments: given }),
      expected,
    });
    const names = [
      "no_such_tool",
      "1_password_users_suspend",
      "offboard_1_password_user",
      "GET",
      ...prototypeNames,
    ];
    const invalid = { status: 200, toolCode: "invalid_argument" };
    const arguments_: Record<string, unknown> = {
      "no arguments": {},
      "an id that is a number": { id: 5 },
      "an id that is null": { id: null },
      "an id that is a list": { id: [id] },
      "an id that is an object": { id: { id } },
      "an email for an id": { id: "m.scott@example.com" },
      "a path for an id": { id: "../users" },
      "an empty id": { id: "" },
      "an argument that there is not": { id, force: true },
    };
    return [
      ...names.flatMap((name) => [
        old(`the tool "${name}"`, name, { id }, unknownTool),
        modern(`the tool "${name}"`, name, { id }, unknownTool),
      ]),
      ...(door.hasWrites
        ? []
        : [suspend, "onepassword_users_reactivate"].flatMap((name) => [
            old(`the filtered tool "${name}"`, name, { id }, unknownTool),
            modern(`the filtered tool "${name}"`, name, { id }, unknownTool),
          ])),
      ...[5, null, ["get"], {}, undefined].map((name) =>
        old(`a tool's name that is ${JSON.stringify(name)}`, name, { id }, unknownTool),
      ),
      ...["x", 5, ["x"], true].map((given) =>
        old(`arguments that are ${JSON.stringify(given)}`, get, given, unknownTool),
      ),
      ...Object.entries(arguments_).flatMap(([name, given]) => [
        old(name, get, given, invalid),
        modern(name, get, given, invalid),
      ]),
    ];
  });
};

/** What is wrong with an answer, or nothing. */
export function problemOf({ name, expected }: Row, answer: RawAnswer): string | undefined {
  const { status, code, toolCode, text } = answer;
  const isRight =
    status === expected.status &&
    (expected.code === undefined || code === expected.code) &&
    toolCode === expected.toolCode;
  if (isRight) return undefined;
  const got = JSON.stringify({ status, code, toolCode });
  return `${name}: ${got} instead of ${JSON.stringify(expected)}: ${text.slice(0, 200)}`;
}

const invalidRequest = { status: 400, code: -32600 };
// In-band, because the SDK lets the server's own handler judge it.
const invalidState = { status: 200, code: -32602 };
const noSession = { status: 400, code: -32000 };
const unknownSession = { status: 404, code: -32001 };
const tooLarge = { status: 413, code: -32000 };
const unauthorized = { status: 401, code: -32000 };
const mismatch = { status: 400, code: -32020 };
const unknownTool = { status: 200, code: -32602 };
const unknownMethod = (status: number) => ({ status, code: -32601 });

/** A call in 2025 that is right, and would reach the account. */
function readIn({ users }: MalformedWorld["sandbox"]) {
  const params = { name: get, arguments: { id: users[0]!.id } };
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params };
}

/** A request to a door, by one who may come in; what is given overrides that. */
function at(
  { name: doorName, to, path, headers }: Door,
  name: string,
  request: Partial<RawRequest>,
  expected: Expected,
): Row {
  return {
    name: `${doorName}: ${name}`,
    request: { to, path, ...request, headers: { ...headers, ...request.headers } },
    expected,
  };
}

function inSession({ session }: Door): Record<string, string> {
  return { "mcp-session-id": session };
}

/** The same text with one character changed. */
function tampered(text: string, random: () => number): string {
  // Not the last one, of which base64 may ignore some bits.
  const place = Math.floor(random() * (text.length - 1));
  const changed = text[place] === "a" ? "b" : "a";
  return `${text.slice(0, place)}${changed}${text.slice(place + 1)}`;
}
