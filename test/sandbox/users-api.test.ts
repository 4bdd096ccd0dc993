import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sandbox, SandboxApiVersion, SandboxUser } from "../../src/sandbox/index.js";
import { useSandbox } from "../support/sandbox.js";
import {
  accountRequests,
  basic,
  getToken,
  isScott,
  json,
  postForm,
  signedIn,
  someone,
  userAgent,
  type AccountRequest,
  type ListPage,
} from "./hand-written-requests.js";

const versions: SandboxApiVersion[] = ["v1", "v1beta1"];

function wire({ id, email, display_name, state, create_time, path }: SandboxUser) {
  return { id, email, display_name, state, create_time, path };
}

async function readAll(request: AccountRequest, query: Record<string, string>): Promise<SandboxUser[][]> {
  const pages: SandboxUser[][] = [];
  let token: string | undefined = "";
  do {
    const parameters = new URLSearchParams({ ...query, page_token: token });
    const page = (await json(request("GET", `?${parameters.toString()}`))) as ListPage;
    pages.push(page.results);
    token = page.next_page_token;
  } while (token !== undefined);
  return pages;
}

describe("tokens", () => {
  test.each(versions)("%s gives a token for the client's credentials", async (version) => {
    const sandbox = await useSandbox();
    const form = { grant_type: "client_credentials", scope: "openid" };
    const answer = await postForm(sandbox, version, "token", form);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const body = (await answer.json()) as { access_token: string };
    expect(body).toEqual({
      access_token: expect.any(String) as string,
      token_type: "Bearer",
      expires_in: 900,
      scope: "openid",
    });
    const request = accountRequests(sandbox, body.access_token, version);
    expect((await request("GET", "")).status).toBe(200);
  });

  test("a token is good for either version", async () => {
    const sandbox = await useSandbox();
    const token = await getToken(sandbox, "v1beta1");
    expect((await accountRequests(sandbox, token, "v1")("GET", "")).status).toBe(200);
  });

  test.each<[string, (sandbox: Sandbox) => string]>([
    ["a wrong secret", ({ clientId }) => basic(clientId, "wrong")],
    ["a wrong id", ({ clientSecret }) => basic("wrong", clientSecret)],
    [
      "credentials that are not form-encoded",
      ({ clientId, clientSecret }) =>
        `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
    ],
    ["another scheme", ({ clientSecret }) => `Bearer ${clientSecret.replaceAll(/[^A-Za-z0-9]/g, "")}`],
    ["no credentials", () => ""],
  ])("%s: invalid_client", async (_what, authorization) => {
    const sandbox = await useSandbox();
    for (const endpoint of ["token", "revoke"] as const) {
      const form: Record<string, string> =
        endpoint === "token" ? { grant_type: "client_credentials" } : { token: "x" };
      const headers = { authorization: authorization(sandbox) };
      const answer = await postForm(sandbox, "v1", endpoint, form, headers);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual({ error: "invalid_client" });
    }
  });

  test.each([
    [{ grant_type: "password" }, "unsupported_grant_type"],
    [{}, "unsupported_grant_type"],
    [{ grant_type: "client_credentials", scope: "everything" }, "invalid_scope"],
  ])("%j: %s", async (form, error) => {
    const sandbox = await useSandbox();
    const answer = await postForm(sandbox, "v1", "token", form);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error });
  });

  test("a token ends, a little before expires_in says so where its life is a fraction", async () => {
    const sandbox = await useSandbox({ tokenTtlS: 0.15 });
    const answer = await postForm(sandbox, "v1", "token", { grant_type: "client_credentials" });
    const body = (await answer.json()) as { access_token: string; expires_in: number };
    expect(body.expires_in).toBe(1);
    const request = accountRequests(sandbox, body.access_token);
    expect((await request("GET", "")).status).toBe(200);
    await expect.poll(async () => (await request("GET", "")).status, { timeout: 5000 }).toBe(401);
  });

  test.each(versions)("%s: a revoked token is refused; revoking anything answers 200", async (version) => {
    const sandbox = await useSandbox();
    const token = await getToken(sandbox, version);
    const other = await signedIn(sandbox, version);
    expect((await postForm(sandbox, version, "revoke", { token: "never issued" })).status).toBe(200);
    const answer = await postForm(sandbox, version, "revoke", { token });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("");
    expect((await accountRequests(sandbox, token, version)("GET", "")).status).toBe(401);
    expect((await other("GET", "")).status).toBe(200);
    const missing = await postForm(sandbox, version, "revoke", {});
    expect(missing.status).toBe(400);
    expect(await missing.json()).toMatchObject({ error: "invalid_request" });
  });

  test.each(["Bearer never-issued", "Basic bmV2ZXI6aXNzdWVk", ""])(
    "%j is a 401 with gRPC code 16",
    async (authorization) => {
      const sandbox = await useSandbox();
      const request = accountRequests(sandbox, "");
      for (const [method, path] of [
        ["GET", ""],
        ["GET", "/X"],
        ["POST", "/X:suspend"],
        ["POST", "/X:reactivate"],
      ] as const) {
        const answer = await request(method, path, { authorization });
        expect(answer.status).toBe(401);
        expect(await answer.json()).toEqual({ code: 16, message: "unauthenticated", details: [] });
      }
    },
  );
});

describe("versions", () => {
  test.each([
    ["v1", "v1beta1"],
    ["v1beta1", "v1"],
  ] as const)("with %s alone live, %s is a plain 404 that no gRPC client made", async (live, gone) => {
    const sandbox = await useSandbox({ apiVersions: [live] });
    const token = await getToken(sandbox, live);
    expect((await accountRequests(sandbox, token, live)("GET", "")).status).toBe(200);
    const answers = [
      await accountRequests(sandbox, token, gone)("GET", ""),
      await postForm(sandbox, gone, "token", { grant_type: "client_credentials" }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(404);
      expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
      expect(await answer.text()).toMatch(/^<!doctype html>/);
    }
  });

  test("the cut-over can happen while clients are at work", async () => {
    const sandbox = await useSandbox({ apiVersions: ["v1beta1"] });
    const token = await getToken(sandbox, "v1beta1");
    sandbox.setApiVersions(["v1"]);
    expect((await accountRequests(sandbox, token, "v1beta1")("GET", "")).status).toBe(404);
    expect((await accountRequests(sandbox, token, "v1")("GET", "")).status).toBe(200);
    expect(() => sandbox.setApiVersions(["v3" as "v1"])).toThrow(/not "v3"/);
  });
});

describe("lists", () => {
  test("pages hold 25 people unless asked otherwise, and everybody comes once", async () => {
    const sandbox = await useSandbox({ users: 51 });
    const pages = await readAll(await signedIn(sandbox), {});
    expect(pages.map((page) => page.length)).toEqual([25, 25, 1]);
    expect(pages.flat()).toEqual(sandbox.users.map(wire));
  });

  test("a last page that is full has no token", async () => {
    const sandbox = await useSandbox({ users: 50 });
    const pages = await readAll(await signedIn(sandbox), { max_page_size: "25" });
    expect(pages.map((page) => page.length)).toEqual([25, 25]);
  });

  test("filters select by state and hold across pages", async () => {
    const sandbox = await useSandbox({ users: 300 });
    const request = await signedIn(sandbox);
    const byState = (state: string) => sandbox.users.filter((user) => user.state === state).map(wire);
    const read = async (filter: string) => (await readAll(request, { filter, max_page_size: "7" })).flat();
    expect(await read("user.isActive()")).toEqual(byState("ACTIVE"));
    expect(await read("user.isSuspended()")).toEqual(byState("SUSPENDED"));
    expect(await read("")).toHaveLength(300);
  });

  test("an empty account is an empty page", async () => {
    const sandbox = await useSandbox({ users: 0 });
    expect(await json((await signedIn(sandbox))("GET", ""))).toEqual({ results: [] });
  });

  test.each(["user.isactive()", "user.email == 'a'", " user.isActive()", "toString", "__proto__"])(
    "the filter %j is refused with gRPC code 3",
    async (filter) => {
      const sandbox = await useSandbox();
      const query = new URLSearchParams({ filter }).toString();
      const answer = await (await signedIn(sandbox))("GET", `?${query}`);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({ code: 3, message: "invalid filter", details: [] });
    },
  );

  test("page sizes from 1 to 1000 are taken, all else is refused with gRPC code 3", async () => {
    const sandbox = await useSandbox({ users: 1100 });
    const request = await signedIn(sandbox);
    for (const size of [1, 1000]) {
      const page = (await json(request("GET", `?max_page_size=${size}`))) as ListPage;
      expect(page.results).toHaveLength(size);
    }
    for (const size of ["0", "1001", "5000", "-1", "2.5", "1e2", "ten", ""]) {
      const answer = await request("GET", `?max_page_size=${size}`);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: 3 });
    }
  });

  test("a cursor is base64 that has to be percent-encoded", async () => {
    const sandbox = await useSandbox();
    const page = (await json((await signedIn(sandbox))("GET", "?max_page_size=3"))) as ListPage;
    expect(page.next_page_token).toMatch(/^[A-Za-z0-9+/]+=+$/);
    expect(page.next_page_token).toContain("+");
  });

  test("a cursor takes another page size, but no other filter", async () => {
    const sandbox = await useSandbox();
    const request = await signedIn(sandbox);
    const first = (await json(request("GET", "?max_page_size=3"))) as ListPage;
    const token = encodeURIComponent(first.next_page_token!);
    const second = (await json(request("GET", `?max_page_size=5&page_token=${token}`))) as ListPage;
    expect(second.results).toEqual(sandbox.users.slice(3, 8).map(wire));
    const answer = await request("GET", `?filter=user.isActive()&page_token=${token}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ code: 3, message: "invalid page_token", details: [] });
  });

  test("a cursor that was changed in any place is refused", async () => {
    const sandbox = await useSandbox();
    const request = await signedIn(sandbox);
    const { next_page_token: cursor } = (await json(request("GET", "?max_page_size=3"))) as ListPage;
    const characters = "ABCXYZabcxyz0189+/=-_ ".split("");
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: cursor!.length - 1 }),
        fc.constantFrom(...characters),
        fc.constantFrom("replace", "insert", "remove"),
        async (at, character, way) => {
          const kept = way === "insert" ? at : at + 1;
          const changed = cursor!.slice(0, at) + (way === "remove" ? "" : character) + cursor!.slice(kept);
          fc.pre(changed !== cursor);
          const answer = await request("GET", `?page_token=${encodeURIComponent(changed)}`);
          expect(answer.status).toBe(400);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("people", () => {
  test.each(versions)("%s tells one person, and not the role", async (version) => {
    const sandbox = await useSandbox();
    const owner = someone(sandbox, (user) => user.role === "owner");
    const answer = await (await signedIn(sandbox, version))("GET", `/${owner.id}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(wire(owner));
  });

  test.each(versions)("%s suspends and reactivates, and doing it twice changes nothing", async (version) => {
    const sandbox = await useSandbox();
    const request = await signedIn(sandbox, version);
    const scott = someone(sandbox, isScott);
    for (const [verb, state] of [
      ["suspend", "SUSPENDED"],
      ["reactivate", "ACTIVE"],
    ] as const) {
      for (let times = 0; times < 2; times++) {
        const answer = await request("POST", `/${scott.id}:${verb}`);
        expect(answer.status).toBe(200);
        expect(await answer.json()).toEqual({ ...wire(scott), state });
        expect(scott.state).toBe(state);
      }
    }
  });

  test("the last active owner cannot be suspended", async () => {
    const sandbox = await useSandbox();
    const request = await signedIn(sandbox);
    const [first, last] = sandbox.users.filter((user) => user.role === "owner");
    expect((await request("POST", `/${first!.id}:suspend`)).status).toBe(200);
    const answer = await request("POST", `/${last!.id}:suspend`);
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual({ code: 7, message: "no_owner_remain", details: [] });
    expect(last!.state).toBe("ACTIVE");
    // Whoever is suspended already stays so without a complaint, owner or not.
    expect((await request("POST", `/${first!.id}:suspend`)).status).toBe(200);
  });

  test("an externally managed administrator cannot be suspended", async () => {
    const sandbox = await useSandbox();
    const admin = someone(sandbox, (user) => user.role === "externally_managed_admin");
    const answer = await (await signedIn(sandbox))("POST", `/${admin.id}:suspend`);
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual({ code: 7, message: "externally_managed_admin", details: [] });
    expect(admin.state).toBe("ACTIVE");
  });

  test("somebody unknown is a generic 404, another account a generic 403", async () => {
    const sandbox = await useSandbox();
    const token = await getToken(sandbox);
    const request = accountRequests(sandbox, token);
    for (const [method, verb] of [
      ["GET", ""],
      ["POST", ":suspend"],
      ["POST", ":reactivate"],
    ] as const) {
      const answer = await request(method, `/AAAAAAAAAAAAAAAAAAAAAAAAAA${verb}`);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toEqual({ code: 5, message: "not_found", details: [] });
    }
    const elsewhere = await fetch(`${sandbox.baseUrl}/v1/accounts/AAAAAAAAAAAAAAAAAAAAAAAAAA/users`, {
      headers: { authorization: `Bearer ${token}`, "user-agent": userAgent },
    });
    expect(elsewhere.status).toBe(403);
    expect(await elsewhere.json()).toEqual({ code: 7, message: "permission_denied", details: [] });
  });

  test.each(["get", "list", "suspend", "reactivate"] as const)(
    "credentials for %s alone do that and nothing else",
    async (permission) => {
      const sandbox = await useSandbox({ permissions: [permission] });
      const request = await signedIn(sandbox);
      const { id } = someone(sandbox, isScott);
      const answers = {
        get: await request("GET", `/${id}`),
        list: await request("GET", ""),
        suspend: await request("POST", `/${id}:suspend`),
        reactivate: await request("POST", `/${id}:reactivate`),
      };
      for (const [name, answer] of Object.entries(answers)) {
        expect([name, answer.status]).toEqual([name, name === permission ? 200 : 403]);
        if (name === permission) continue;
        expect(await answer.json()).toEqual({ code: 7, message: "permission_denied", details: [] });
      }
    },
  );
});
