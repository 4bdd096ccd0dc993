import { describe, expect, test, vi } from "vitest";
import { RateLimitError, usersApi, type ToolSource } from "langchain-1password";
import { directContext } from "../../support/context.js";
import { someCredentials, somebody, someId } from "../../support/credentials.js";
import { toolsetErrorOf } from "../../support/errors.js";
import { useSandbox } from "../../support/sandbox.js";
import { sendJson, tokenBody, useServer } from "../../support/server.js";

async function answering(answer: Parameters<typeof useServer>[0], timeoutMs = 30_000): Promise<ToolSource> {
  const { baseUrl } = await useServer((request, response) => {
    if (request.url.pathname.endsWith("/token")) sendJson(response, 200, tokenBody);
    else answer(request, response);
  });
  return usersApi({ ...someCredentials, baseUrl, timeoutMs });
}

describe("an answer that cannot be relied on is an error that names the endpoint:", () => {
  const bodies: [what: string, body: string, text: RegExp][] = [
    ["HTML", "<!doctype html><title>Sign in</title>", /with HTML instead of JSON/],
    ["half a JSON", JSON.stringify(somebody).slice(0, 40), /JSON that does not end/],
    ["nothing", "", /none at all/],
    ["another shape", JSON.stringify({ user: somebody }), /not with a user/],
    [
      "another person",
      JSON.stringify({ ...somebody, id: "B".repeat(26) }),
      /another user than the one asked for/,
    ],
    ["null", "null", /not with a user/],
  ];
  test.each(bodies)("%s", async (_what, body, text) => {
    const source = await answering((_request, response) => response.end(body));
    const error = await toolsetErrorOf(source.readUser!(someId, directContext()));
    expect(error.code).toBe("bad_response");
    expect(error.text).toMatch(text);
    expect(error.text).toMatch(/^GET \/accounts\/\{account\}\/users\/\{user\} at http/);
    // Whose profile it was stays out of the error.
    expect(error.message).not.toContain("Michael");
  });

  test.each([true, false])("10 MB, with a declared length: %s", async (isDeclared) => {
    const source = await answering((_request, response) => {
      const size = 10_000_000;
      if (isDeclared) response.setHeader("content-length", size);
      response.write("[");
      response.end(" ".repeat(size - 1));
    });
    const error = await toolsetErrorOf(source.readUser!(someId, directContext()));
    expect(error.code).toBe("bad_response");
    expect(error.text).toMatch(/more than 8 MiB/);
  });

  test("a page token that is no text, which could pass for the last page", async () => {
    const source = await answering((_request, response) =>
      sendJson(response, 200, { results: [somebody], next_page_token: 12345 }),
    );
    const error = await toolsetErrorOf(source.readUsers!({}, directContext())[Symbol.asyncIterator]().next());
    expect(error.text).toMatch(/"next_page_token" that is no text/);
  });

  test("a list without users", async () => {
    const source = await answering((_request, response) => sendJson(response, 200, { results: [{ id: 1 }] }));
    const pages = source.readUsers!({}, directContext());
    const error = await toolsetErrorOf(pages[Symbol.asyncIterator]().next());
    expect(error.text).toMatch(/without a list of users in "results"/);
  });

  test.each([["same"], ["one", "two"]])("a list that never ends (%s %s)", async (...tokens) => {
    let answers = 0;
    const source = await answering((_request, response) =>
      sendJson(response, 200, { results: [somebody], next_page_token: tokens[answers++ % tokens.length] }),
    );
    let pages = 0;
    const error = await toolsetErrorOf(
      (async () => {
        for await (const page of source.readUsers!({}, directContext())) pages += page.users.length;
      })(),
    );
    expect(error.text).toMatch(/same page token twice/);
    expect(pages).toBeLessThan(4);
  });
});

test("silence ends after timeoutMs", async () => {
  const source = await answering(() => undefined, 80);
  const error = await toolsetErrorOf(source.readUser!(someId, directContext()));
  expect(error).toMatchObject({ code: "timeout", retryable: true });
  expect(error.text).toMatch(/within 80 ms/);
});

test("a body that stalls ends after timeoutMs too", async () => {
  const source = await answering((_request, response) => response.write('{"id":'), 80);
  expect((await toolsetErrorOf(source.readUser!(someId, directContext()))).code).toBe("timeout");
});

test("a cut connection is a network error with its cause", async () => {
  const source = await answering((_request, response) => response.destroy());
  const error = await toolsetErrorOf(source.readUser!(someId, directContext()));
  expect(error).toMatchObject({ code: "network", retryable: true });
  expect(error.cause).toBeInstanceOf(Error);
});

test("a listener that throws costs no call", async () => {
  const { baseUrl } = await useServer((request, response) => {
    if (request.url.pathname.endsWith("/token")) sendJson(response, 200, tokenBody);
    else sendJson(response, 200, somebody, { deprecation: "@1760000000" });
  });
  const onWarning = () => {
    throw new Error("no log");
  };
  const source = usersApi({ ...someCredentials, baseUrl, onWarning });
  await expect(source.readUser(someId, directContext())).resolves.toMatchObject({ id: someId });
});

test("an abort comes out as it went in", async () => {
  const source = await answering(() => undefined);
  const controller = new AbortController();
  const reading = source.readUser!(someId, directContext(controller.signal));
  const reason = new Error("the run was stopped");
  setTimeout(() => controller.abort(reason), 30);
  await expect(reading).rejects.toBe(reason);
});

test("fifty calls may share a signal, and an abort ends them all", async () => {
  const warn = vi.spyOn(process, "emitWarning");
  const source = await answering(() => undefined);
  const controller = new AbortController();
  const readings = Array.from({ length: 50 }, () =>
    source.readUser!(someId, directContext(controller.signal)),
  );
  setTimeout(() => controller.abort(new Error("stopped")), 100);
  for (const reading of await Promise.allSettled(readings)) expect(reading.status).toBe("rejected");
  expect(warn).not.toHaveBeenCalled();
});

test("a 429 is thrown with status, lower-case headers and the time to wait", async () => {
  const source = await answering((_request, response) =>
    sendJson(
      response,
      429,
      { code: 8, message: "resource_exhausted", details: [] },
      { "RateLimit-Reset": "7" },
    ),
  );
  const error = await toolsetErrorOf(source.readUser!(someId, directContext()));
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error).toMatchObject({ status: 429, retryAfterMs: 7000, retryable: true });
  expect(error).toMatchObject({ headers: { "ratelimit-reset": "7" } });
  expect(error.message).toMatch(/\n\{"code":"rate_limited","retryable":true,"retry_after_s":7\}$/);
});

test("a 503 says when to try again by retry-after, and not by the reset of a limit", async () => {
  const headers: Record<string, string>[] = [
    { "ratelimit-reset": "9" },
    { "retry-after": "4", "ratelimit-reset": "9" },
  ];
  const source = await answering((_request, response) => sendJson(response, 503, {}, headers.shift()));
  const read = () => toolsetErrorOf(source.readUser!(someId, directContext()));
  expect(await read()).toMatchObject({ code: "server_error", retryAfterMs: null });
  expect(await read()).toMatchObject({ code: "server_error", retryAfterMs: 4000 });
});

test("a server's text is bounded and stripped before it is shown, and cookies are not shown", async () => {
  const message = `ignore\u202e all\u0000 ${"x".repeat(5000)}`;
  const source = await answering((_request, response) =>
    sendJson(response, 400, { code: 3, message, details: [] }, { "set-cookie": "session=1" }),
  );
  const error = await toolsetErrorOf(source.readUser!(someId, directContext()));
  expect(error.text.length).toBeLessThan(400);
  expect(error.text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(error).not.toHaveProperty("headers.set-cookie");
});

test("a page token goes back byte for byte", async () => {
  const token = "a+b/c==&d=%2F:;,~@!$*|?#";
  const tokens: (string | null)[] = [];
  const source = await answering((request, response) => {
    tokens.push(request.url.searchParams.get("page_token"));
    sendJson(response, 200, {
      results: [somebody],
      ...(tokens.length === 1 ? { next_page_token: token } : {}),
    });
  });
  const pages: (string | null)[] = [];
  for await (const page of source.readUsers!({}, directContext())) pages.push(page.meta.nextCursor);
  expect(tokens).toEqual([null, token]);
  expect(pages).toEqual([token, null]);
});

test("every request carries the user agent", async () => {
  const { baseUrl, received } = await useServer((request, response) => {
    if (request.url.pathname.endsWith("/token")) sendJson(response, 200, tokenBody);
    else sendJson(response, 200, request.url.pathname.endsWith("/users") ? { results: [] } : somebody);
  });
  const source = usersApi({ ...someCredentials, baseUrl, userAgent: "acme-offboarding/1.4" });
  const context = directContext();
  for (const descriptor of await source.list({})) {
    await source.call(descriptor, descriptor.method === "list" ? {} : { id: someId }, context);
  }
  await source.close();
  expect(received).toHaveLength(6);
  expect(new Set(received.map(({ headers }) => headers["user-agent"]))).toEqual(
    new Set(["acme-offboarding/1.4"]),
  );
});

test.each(["..", ".", "", "m.scott@example.com", `${someId}/..`, someId.toLowerCase(), undefined])(
  "the id %j never reaches a path",
  async (id) => {
    const { baseUrl, received } = await useServer((_request, response) => sendJson(response, 200, tokenBody));
    const source = usersApi({ ...someCredentials, baseUrl });
    const suspend = (await source.list({})).find(({ method }) => method === "suspend")!;
    const error = await toolsetErrorOf(source.call(suspend, { id }, directContext()));
    expect(error.code).toBe("invalid_argument");
    expect(received).toEqual([]);
  },
);

test("credentials that may only suspend are enough for suspending", async () => {
  const sandbox = await useSandbox({ permissions: ["suspend"] });
  const source = usersApi({ ...sandbox });
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  const suspend = (await source.list({})).find(({ method }) => method === "suspend")!;
  const { data } = await source.call(suspend, { id: person.id }, directContext());
  expect(data).toMatchObject({ id: person.id, state: "SUSPENDED" });
});
