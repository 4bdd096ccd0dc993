import { getEncoding } from "js-tiktoken";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  findUsers,
  ToolManager,
  ToolsetError,
  truto,
  usersApi,
  type FindUsersResult,
  type ToolSource,
  type User,
} from "langchain-1password";
import type { Sandbox, SandboxOptions } from "langchain-1password/sandbox";
import { useSandbox } from "../support/sandbox.js";
import { somebody } from "../support/credentials.js";

const sources: [name: string, sourceOf: (sandbox: Sandbox) => ToolSource][] = [
  ["the Users API", (sandbox) => usersApi({ ...sandbox })],
  [
    "Truto",
    ({ baseUrl, trutoApiKey, integratedAccountId }) =>
      truto({ baseUrl, apiKey: trutoApiKey, integratedAccountId }),
  ],
];

async function search(
  source: ToolSource,
  args: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
): Promise<{ text: string; data: FindUsersResult }> {
  const tool = await new ToolManager({ source }).getTool("find_1_password_users");
  const call = { type: "tool_call" as const, id: "c1", name: tool.name, args };
  const message = (await tool.invoke(call, { metadata })) as {
    content: string;
    artifact: { data: FindUsersResult };
    status?: string;
  };
  return { text: message.content, data: message.artifact.data };
}

describe.each(sources)("in %s", (_name, sourceOf) => {
  async function find(options: SandboxOptions, args: (sandbox: Sandbox) => Record<string, unknown>) {
    const sandbox = await useSandbox(options);
    const found = await search(sourceOf(sandbox), args(sandbox));
    const pages = sandbox.requests.filter(({ method, path }) => method === "GET" && path.endsWith("/users"));
    return { sandbox, pages, ...found };
  }

  test("a person is found by email, whatever its case and the space around it", async () => {
    const { text, data, sandbox } = await find({}, () => ({ email: "  M.Scott@Example.COM " }));
    const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
    expect(data.matches.map(({ id }) => id)).toEqual([person.id]);
    expect(text).toMatch(/^1 person found\./);
    expect(text).toContain(`\n${person.id},m.scott@example.com,`);
  });

  test("reading stops as soon as every email is found, and the answer says so", async () => {
    const { text, data, pages } = await find({ users: 5000 }, ({ users }) => ({ email: users[1500]!.email }));
    expect(pages).toHaveLength(2);
    expect(data).toMatchObject({ lookedAt: 2000, complete: false });
    expect(text).toMatch(/Looked at 2000 people and stopped early, because every email asked for was found/);
  });

  test("nobody is said not to exist before every page was read", async () => {
    const { text, data, pages } = await find({ users: 2500 }, () => ({ email: "nobody@example.com" }));
    expect(pages).toHaveLength(3);
    expect(data).toMatchObject({ lookedAt: 2500, complete: true, matches: [] });
    expect(text).toBe('Nobody with the email "nobody@example.com": all 2500 people were looked at.');
  });

  test("a hundred emails take one pass, and those that nobody has are named", async () => {
    const { text, data, pages } = await find({ users: 3000 }, ({ users }) => ({
      emails: [...users.slice(0, 99).map(({ email }) => email.toUpperCase()), "gone@example.com"],
    }));
    expect(pages).toHaveLength(3);
    expect(data.matches).toHaveLength(99);
    expect(data.notFound).toEqual(["gone@example.com"]);
    expect(text).toContain("Not in this account (all 3000 looked at): gone@example.com.");
  });

  test("two people of one name are candidates to choose from", async () => {
    const twins = ["a", "b"].map((letter) => ({
      ...somebody,
      id: letter.toUpperCase().repeat(26),
      email: `${letter}@example.com`,
      display_name: "José  Müller",
    }));
    const { text, data } = await find({ users: [somebody, ...twins] }, () => ({
      name_contains: "jose muller",
    }));
    expect(data.matches.map(({ email }) => email)).toEqual(["a@example.com", "b@example.com"]);
    expect(text).toMatch(/2 people found.*candidates: tell them apart by email/);
  });

  test("a state narrows the search, and only what was looked at is spoken of", async () => {
    const { text, sandbox } = await find({ users: 300 }, () => ({
      email: "m.scott@example.com",
      state: "SUSPENDED",
    }));
    const suspended = sandbox.users.filter(({ state }) => state === "SUSPENDED").length;
    if (text.includes(`all ${suspended} SUSPENDED people were looked at`)) {
      expect(text).toMatch(/People in other states were not looked at/);
    } else expect(text).toMatch(/all 300 people were looked at/);
  });

  test("an email that somebody has is not said to be missing because of another criterion", async () => {
    const { text, data, sandbox } = await find({ users: 50 }, ({ users }) => ({
      emails: [users[0]!.email, "gone@example.com"],
      name_contains: "no such name",
    }));
    expect(data.notFound).toEqual(["gone@example.com"]);
    expect(text).not.toContain(`Not in this account (all 50 looked at): ${sandbox.users[0]!.email}`);
  });

  test.each([
    [{ name_contains: "  " }, /"name_contains" is blank/],
    [{ email_domain: "*@example.com" }, /"email_domain" is "\*@example\.com".*without wildcards/],
  ])("%j would match everybody or nobody, and is refused", async (args, sentence) => {
    const { text, pages } = await find({}, () => args);
    expect(text).toMatch(sentence);
    expect(pages).toEqual([]);
  });

  test("a domain is a domain, not the end of one", async () => {
    const people = ["a@example.com", "b@notexample.com", "c@sub.example.com"].map((email, index) => ({
      ...somebody,
      id: "ABC"[index]!.repeat(26),
      email,
    }));
    const { data } = await find({ users: people }, () => ({ email_domain: "@Example.com" }));
    expect(data.matches.map(({ email }) => email)).toEqual(["a@example.com"]);
  });

  test("more matches than are shown are counted exactly, the number before the rows, and a cursor goes on", async () => {
    const { text, data, pages } = await find({ users: 4000 }, () => ({ email_domain: "example.com" }));
    expect(pages).toHaveLength(4);
    expect(data).toMatchObject({ more: true, total: 4000, earlier: 0, complete: true });
    expect(data.matches).toHaveLength(5);
    expect(text).toMatch(
      /^4000 users match; the first 5 are shown\. All 4000 people were looked at\.\nid,email,/,
    );
    expect(text).toContain(`\nMore follow: call again with cursor exactly ${JSON.stringify(data.cursor)},`);
  });

  test("where the largest limit is given already, no larger one is asked for", async () => {
    const { text } = await find({ users: 300 }, () => ({ email_domain: "example.com", limit: 100 }));
    expect(text).toMatch(/^300 users match; the first 100 are shown\./);
    expect(text).not.toMatch(/raise|limit/i);
  });

  test("the cursor gives the next matches and the same number, and reads no page that it does not need", async () => {
    const { sandbox, data, pages } = await find({ users: 3000 }, () => ({ state: "ACTIVE" }));
    const before = pages.length;
    const next = await search(sourceOf(sandbox), { state: "ACTIVE", limit: 2, cursor: data.cursor });
    const read = sandbox.requests.filter(({ path }) => path.endsWith("/users")).length - before;
    expect(read).toBe(1);
    const active = sandbox.users.filter(({ state }) => state === "ACTIVE");
    expect(next.data.matches.map(({ id }) => id)).toEqual(active.slice(5, 7).map(({ id }) => id));
    expect(next.data).toMatchObject({ total: active.length, earlier: 5, more: true });
    expect(next.text).toMatch(`${active.length} users match; numbers 6 to 7 are shown.`);
  });

  test("a limit of 0 answers with the number alone", async () => {
    const { text, data, sandbox } = await find({ users: 2500 }, () => ({ state: "SUSPENDED", limit: 0 }));
    const suspended = sandbox.users.filter(({ state }) => state === "SUSPENDED").length;
    expect(data).toMatchObject({ matches: [], total: suspended, cursor: null });
    expect(text).toMatch(
      new RegExp(`^${suspended} users match\\. All \\d+ (SUSPENDED )?people were looked at\\.$`),
    );
  });

  test.each([
    ["other criteria", { name_contains: "b" }, (cursor: string) => cursor],
    ["a changed number", { name_contains: "a" }, (cursor: string) => cursor.replace("5:", "6:")],
    ["a cut-off end", { name_contains: "a" }, (cursor: string) => cursor.slice(0, -1)],
    ["a list's own cursor", { name_contains: "a" }, () => "eyJvZmZzZXQiOjI1fQ=="],
  ])("a cursor with %s is refused before anything is read", async (_what, criteria, changed) => {
    const { sandbox, data } = await find({ users: 100 }, () => ({ name_contains: "a" }));
    const before = sandbox.requests.length;
    const { text } = await search(sourceOf(sandbox), { ...criteria, cursor: changed(data.cursor!) });
    expect(text).toMatch(/"cursor" is ".*", which this search did not give.*Nothing was sent\./);
    expect(sandbox.requests.slice(before).filter(({ path }) => path.endsWith("/users"))).toEqual([]);
  });

  test("without criteria the answer is how many there are, by state", async () => {
    const { text, sandbox } = await find({ users: 2100 }, () => ({}));
    const active = sandbox.users.filter(({ state }) => state === "ACTIVE").length;
    expect(text).toContain(`2100 people in this account: `);
    expect(text).toContain(`${active} ACTIVE`);
    expect(text).toContain("Every page was read.");
  });

  test("15,000 people take at most 16 requests and an answer under 300 tokens", async () => {
    const tokens = getEncoding("o200k_base");
    const sandbox = await useSandbox({ users: 15_000 });
    const source = sourceOf(sandbox);
    const last = sandbox.users.at(-1)!.email;
    for (const args of [
      { email: last },
      { email: "x@example.com" },
      { name_contains: "a" },
      {},
      { state: "ACTIVE" },
    ]) {
      const before = sandbox.requests.length;
      const { text } = await search(source, args);
      const requests = sandbox.requests.slice(before).filter(({ path }) => path.endsWith("/users"));
      expect(requests.length).toBeLessThanOrEqual(16);
      expect(tokens.encode(text).length).toBeLessThan(300);
    }
  });

  test("an empty cursor is none in a tool's arguments, and refused by the function", async () => {
    const { sandbox, data } = await find({}, () => ({ name_contains: "scott", cursor: "" }));
    expect(data).toMatchObject({ earlier: 0, complete: true });
    const manager = new ToolManager({ source: sourceOf(sandbox) });
    await expect(findUsers(manager, { name_contains: "scott", cursor: "" })).rejects.toThrow(
      /"cursor" is ""\. It must be a string from 1 to 4000 characters/,
    );
  });

  test("what is no email address is refused before anything is read", async () => {
    const { text, pages } = await find({}, () => ({ email: "Michael Scott" }));
    expect(text).toMatch(/"email": "Michael Scott" is not one email address.*name_contains/s);
    expect(pages).toEqual([]);
  });
});

test("a filter by email that Truto offers is used, and its silence is not taken for an answer", async () => {
  const sandbox = await useSandbox({ users: 3000, truto: { filters: ["email"] } });
  const source = sources[1]![1](sandbox);
  const pages = () => sandbox.requests.filter(({ path }) => path === "/proxy/users");
  const { text } = await search(source, { email: sandbox.users[2500]!.email });
  expect(pages().map(({ query }) => query.email)).toEqual([sandbox.users[2500]!.email]);
  expect(text).toMatch(/The server was asked for that email and gave 1 person\./);
  const nobody = await search(source, { email: "nobody@example.com" });
  expect(nobody.text).toMatch(/all 3000 people were looked at/);
});

test("emails are equal by NFC, trimmed and lower case, and in no other way", async () => {
  const composed = "jos\u00e9@example.com";
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(composed, "jos\u0065\u0301@example.com", "JOS\u00c9@EXAMPLE.COM", "jose@example.com"),
      async (email) => {
        const source = sourceOfPeople([{ ...somebody, email: composed }]);
        const { data } = await search(source, { email });
        expect(data.matches).toHaveLength(email === "jose@example.com" ? 0 : 1);
      },
    ),
    { numRuns: 8 },
  );
});

describe("a search that goes on from its cursor", () => {
  test("shows every match once and in order, whatever the limits and the pages are", async () => {
    const person = fc.record({ isMatch: fc.boolean(), isOnNewPage: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(person, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
        async (people, limits) => {
          const users = people.map(({ isMatch }, index) => numbered(index, isMatch ? "Match" : "Other"));
          const pages: User[][] = [[]];
          for (const [index, { isOnNewPage }] of people.entries()) {
            if (isOnNewPage) pages.push([]);
            pages.at(-1)!.push(users[index]!);
          }
          const wanted = users.filter(({ display_name: name }) => name === "Match");
          const shown: User[] = [];
          let cursor: string | null = null;
          for (let call = 0; call === 0 || cursor !== null; call += 1) {
            expect(call).toBeLessThanOrEqual(people.length);
            const args = { name_contains: "match", limit: limits[call % limits.length] };
            const found = await search(sourceOfPages(pages), cursor === null ? args : { ...args, cursor });
            expect(found.data).toMatchObject({ total: wanted.length, earlier: shown.length });
            shown.push(...found.data.matches);
            ({ cursor } = found.data);
            expect(cursor !== null).toBe(found.data.more);
          }
          expect(shown).toEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("is refused where the last user shown is no longer on their page", async () => {
    const users = [1, 2, 3, 4].map((index) => numbered(index, "Match"));
    const first = await search(sourceOfPages([users]), { name_contains: "match", limit: 2 });
    const args = { name_contains: "match", cursor: first.data.cursor };
    const { text } = await search(sourceOfPages([[users[0]!, users[2]!, users[3]!]]), args);
    expect(text).toMatch(/the account has changed since it was given/);
    const other = await search(sourceOfPages([[numbered(9, "Match"), ...users]]), args);
    expect(other.data.matches).toEqual(users.slice(2));
  });

  test("belongs to one account", async () => {
    const users = [1, 2, 3].map((index) => numbered(index, "Match"));
    const first = await search(sourceOfPages([users]), { name_contains: "match", limit: 1 });
    const other = { ...sourceOfPages([users]), key: "another account" };
    const { text } = await search(other, { name_contains: "match", cursor: first.data.cursor });
    expect(text).toMatch(/which this search did not give/);
  });

  test("whose first part ended at the deadline counts to the exact number", async () => {
    const [one, two, three] = [1, 2, 3].map((index) => numbered(index, "Match")) as [User, User, User];
    const args = { name_contains: "match", limit: 0 };
    const late = await search(sourceOfPages([[one, two], [three]], 1), args, { timeoutMs: 60_000 });
    expect(late.text).toMatch(/^At least 2 users match\. Looked at 2 people so far\.\nNot finished/);
    expect(late.data).toMatchObject({ total: null, atLeast: 2, unfinished: { cursor: late.data.cursor } });
    const rest = await search(sourceOfPages([[one, two], [three]]), { ...args, cursor: late.data.cursor });
    expect(rest.data).toMatchObject({ total: 3, complete: true });
    expect(rest.text).toMatch(/^3 users match\./);
  });
});

test("somebody who is pushed onto the next page as well is one match and one person", async () => {
  const [one, two] = [numbered(1, "Match"), numbered(2, "Match")];
  const pages = [[one, two], [two]];
  expect((await search(sourceOfPages(pages), { name_contains: "match", limit: 0 })).data.total).toBe(2);
  expect((await search(sourceOfPages(pages), {})).text).toMatch(/^2 people in this account: 2 ACTIVE\./);
});

test("several people who share the email that a server was asked for are gone through by cursor", async () => {
  const twins = ["A", "B", "C"].map((letter) => ({ ...somebody, id: letter.repeat(26) }));
  const sandbox = await useSandbox({ users: twins, truto: { filters: ["email"] } });
  const source = sources[1]![1](sandbox);
  const first = await search(source, { email: somebody.email, limit: 1 });
  expect(first.text).toMatch(/^At least 3 users match; the first is shown\./);
  const rest = await search(source, { email: somebody.email, cursor: first.data.cursor });
  expect(rest.data.matches.map(({ id }) => id)).toEqual(["B".repeat(26), "C".repeat(26)]);
});

function numbered(index: number, name: string): User {
  const letters = index.toString(36).toUpperCase();
  return { ...somebody, id: letters.padStart(26, "A"), email: `${letters}@example.com`, display_name: name };
}

/** A directory in memory of several pages; what is tested is the search, not a wire. */
function sourceOfPages(pages: readonly (readonly User[])[], inTime = pages.length): ToolSource {
  return {
    key: "memory",
    list: () => Promise.resolve([]),
    call: () => Promise.reject(new Error("lists nothing")),
    async *readUsers({ cursor }) {
      for (let page = Number(cursor ?? 0); page < pages.length; page += 1) {
        if (page >= inTime) throw new ToolsetError("timeout", "No time.", { unsent: true });
        const nextCursor = page + 1 === pages.length ? null : String(page + 1);
        const meta = { status: 200, headers: {}, rateLimit: null, requestId: null, nextCursor };
        yield await Promise.resolve({ users: pages[page]!, meta, narrowedBy: [] });
      }
    },
  };
}

/** A directory in memory: what is tested is the search, not a wire. */
function sourceOfPeople(users: User[]): ToolSource {
  return {
    key: "memory",
    list: () => Promise.resolve([]),
    call: () => Promise.reject(new Error("lists nothing")),
    async *readUsers() {
      const meta = { status: 200, headers: {}, rateLimit: null, requestId: null, nextCursor: null };
      yield { users, meta, narrowedBy: [] };
    },
  };
}
