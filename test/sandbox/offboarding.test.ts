import { expect, test } from "vitest";
import { useSandbox } from "../support/sandbox.js";
import {
  accountRequests,
  getToken,
  json,
  postForm,
  trutoRequest,
  type ListPage,
  type TrutoPage,
} from "./hand-written-requests.js";

const leaver = "m.scott@example.com";

test("someone is found, suspended and confirmed through the Users API, and brought back through Truto", async () => {
  const sandbox = await useSandbox({ users: 260, seed: 4, apiVersions: ["v1beta1"] });

  expect((await postForm(sandbox, "v1", "token", { grant_type: "client_credentials" })).status).toBe(404);
  const token = await getToken(sandbox, "v1beta1");
  const request = accountRequests(sandbox, token, "v1beta1");
  const found = [];
  let cursor: string | undefined = "";
  while (cursor !== undefined) {
    const query = new URLSearchParams({ max_page_size: "100", page_token: cursor });
    const page = (await json(request("GET", `?${query.toString()}`))) as ListPage;
    found.push(...page.results.filter((user) => user.email === leaver));
    cursor = page.next_page_token;
  }
  expect(found).toMatchObject([{ display_name: "Michael Scott", state: "ACTIVE" }]);
  const { id } = found[0]!;
  expect(await json(request("POST", `/${id}:suspend`))).toMatchObject({ id, state: "SUSPENDED" });
  expect(await json(request("GET", `/${id}`))).toMatchObject({ email: leaver, state: "SUSPENDED" });
  expect((await postForm(sandbox, "v1beta1", "revoke", { token })).status).toBe(200);
  expect((await request("GET", `/${id}`)).status).toBe(401);

  const tools: string[] = [];
  let toolCursor: string | null = "";
  while (toolCursor !== null) {
    const page = (await json(
      trutoRequest(sandbox, "GET", `/integrated-account/${sandbox.integratedAccountId}/tools`, {
        query: { methods: "read,custom", next_cursor: toolCursor },
      }),
    )) as TrutoPage<{ name: string }>;
    tools.push(...page.result.map((tool) => tool.name));
    toolCursor = page.next_cursor;
  }
  expect(tools).toContain("1_password_users_suspend");
  const body = { id };
  expect((await trutoRequest(sandbox, "POST", "/proxy/users/suspend", { body })).status).toBe(409);
  const back = await json(trutoRequest(sandbox, "POST", "/proxy/users/reactivate", { body }));
  expect(back).toMatchObject({ id, state: "ACTIVE" });
  const everybody = await json(trutoRequest(sandbox, "GET", "/proxy/users", { query: { limit: "1000" } }));
  expect((everybody as TrutoPage).result.find((user) => user.id === id)).toMatchObject({ state: "ACTIVE" });

  expect(sandbox.users.find((user) => user.email === leaver)).toMatchObject({ id, state: "ACTIVE" });
});
