import { describe, expect, test } from "vitest";
import { ToolManager, truto, usersApi, type ToolSource, type User } from "langchain-1password";
import type { Sandbox } from "langchain-1password/sandbox";
import { memoryAudit } from "../support/memory-audit.js";
import { useSandbox } from "../support/sandbox.js";

const email = "m.scott@example.com";
const other = { id: "B".repeat(26), email: "new.ceo@example.com", display_name: "New CEO" };

type Fetch = typeof fetch;
const sources: Readonly<Record<string, (sandbox: Sandbox, fetch: Fetch) => ToolSource>> = {
  "the Users API": (sandbox, fetch) => usersApi({ ...sandbox, fetch }),
  Truto: ({ baseUrl, trutoApiKey, integratedAccountId }, fetch) =>
    truto({ baseUrl, apiKey: trutoApiKey, integratedAccountId, fetch }),
};

/**
 * An account whose answers to suspensions are of somebody else in part.
 *
 * @param isMade - whether the suspension takes effect all the same
 */
async function useAccount(
  sourceName: string,
  change: Partial<User>,
  { isMade = true, identity }: { isMade?: boolean; identity?: "off" } = {},
) {
  const sandbox = await useSandbox({ users: [{ email }] });
  const [person] = sandbox.users;
  let sent = 0;
  const passOn: Fetch = async (input, init) => {
    if (!/[:/]suspend\b/.test(new Request(input).url)) return fetch(input, init);
    sent += 1;
    const { role: _role, ...shown } = person!;
    const answer = isMade ? ((await (await fetch(input, init)).json()) as object) : shown;
    return Response.json({ ...answer, ...change });
  };
  const audit = memoryAudit();
  const source = sources[sourceName]!(sandbox, passOn);
  const manager = new ToolManager({ source, workflows: true, audit, handleErrors: "all", identity });
  const make = async (tool: string, args: object) => {
    const answer = (await (await manager.getTool(tool)).invoke(args)) as string;
    return answer.startsWith("{") ? (JSON.parse(answer) as Record<string, unknown>) : answer;
  };
  return {
    suspend: () =>
      make(
        "1_password_users_suspend",
        identity ? { id: person!.id } : { id: person!.id, expected_email: email },
      ),
    offboard: () => make("offboard_1_password_user", { email }),
    sent: () => sent,
    audit,
  };
}

describe.each(Object.keys(sources))("through %s", (source) => {
  test.each<[string, Partial<User>, string]>([
    [
      "email",
      { email: other.email },
      `another email than that of the person who was judged before, <${email}>`,
    ],
    ["id", { id: other.id }, `another id than that of the person asked for`],
    ["person", other, `another id than that of the person asked for`],
  ])(
    "a write whose answer shows another %s is told as that, and is not verified",
    async (_what, change, words) => {
      for (const verb of ["suspend", "offboard"] as const) {
        const account = await useAccount(source, change);
        const report = await account[verb]();
        // The person asked for is SUSPENDED: whether somebody else is too, nobody knows.
        expect(report).toMatchObject({ state: "SUSPENDED", verified: false });
        expect(report).toHaveProperty("note", expect.stringContaining(words));
        expect(account.sent()).toBe(1);
        expect(account.audit.records.at(-1)).toMatchObject({
          status: "Unknown",
          status_detail: expect.stringContaining(words) as string,
        });
      }
    },
  );

  test("an answer about somebody else, where the person asked for is as before, is no outcome, and is not asked for again", async () => {
    for (const verb of ["suspend", "offboard"] as const) {
      const account = await useAccount(source, { ...other, state: "SUSPENDED" }, { isMade: false });
      const text = await account[verb]();
      expect(text).toMatch(/another user than the one asked for.*read afterwards, they are ACTIVE/s);
      expect(text).toMatch(/"code":"outcome_unknown"/);
      expect(account.sent()).toBe(1);
      expect(account.audit.records.at(-1)).toMatchObject({ status: "Unknown" });
    }
  });

  test("it is told as well where nobody looked before", async () => {
    const account = await useAccount(source, other, { identity: "off" });
    expect(await account.suspend()).toMatchObject({
      verified: false,
      note: expect.stringContaining("another id than that of the person asked for") as string,
    });
  });
});

test("a source of one's own that answers with somebody else is told of as well", async () => {
  const person: User = { id: "A".repeat(26), email, display_name: "Michael", state: "ACTIVE" } as User;
  for (const state of ["ACTIVE", "SUSPENDED"] as const) {
    const sandbox = await useSandbox({ users: [{ email }] });
    const api = usersApi({ ...sandbox });
    const [one] = sandbox.users;
    const source: ToolSource = {
      ...api,
      async call(descriptor, args, context) {
        const answer = await api.call(descriptor, args, context);
        return descriptor.method === "suspend" ? { ...answer, data: { ...person, ...other, state } } : answer;
      },
    };
    const suspend = await new ToolManager({ source }).getTool("1_password_users_suspend");
    const answer = JSON.parse(
      (await suspend.invoke({ id: one!.id, expected_email: email })) as string,
    ) as object;
    expect(answer).toMatchObject({
      verified: false,
      note: expect.stringContaining("another id than that of the person asked for") as string,
    });
  }
});
