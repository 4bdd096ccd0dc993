import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { auditAccess, ToolManager, type AuditAccessOptions } from "langchain-1password";
import { startSandbox, type Sandbox, type SandboxUserInput } from "langchain-1password/sandbox";
import { sourceNames, sources } from "./use-account.js";

const address = fc.constantFrom(
  "a@x.com",
  "A@x.com",
  "b@x.com",
  "c@x.com",
  "d@x.com",
  "jos\u00e9@x.com",
  "e@x.com",
);

const person: fc.Arbitrary<SandboxUserInput> = fc.record({
  email: address,
  state: fc.constantFrom("ACTIVE", "SUSPENDED", "STATE_UNSPECIFIED"),
  role: fc.constantFrom("member", "member", "member", "owner", "externally_managed_admin"),
  display_name: fc.string({ unit: "binary", maxLength: 20 }),
});

interface Line {
  text: string;
  state: "ACTIVE" | "SUSPENDED" | undefined;
}

const line: fc.Arbitrary<Line> = fc.record({
  text: fc.oneof(
    { weight: 6, arbitrary: address },
    fc.constantFrom(
      " B@X.com ",
      "jose\u0301@x.com",
      "nobody@x.com",
      "no email",
      "a@x.com b@x.com",
      "a\u200b@x.com",
      "-",
    ),
  ),
  state: fc.constantFrom("ACTIVE", "SUSPENDED", undefined, undefined),
});

const wordsOf = ({ email, state }: { email: string; state: string }) => `${email} ${state}`;

/** What has to become of a list, told again in another way: by the emails that people have, one by one. */
function dueIn(lines: readonly Line[], { users }: Sandbox): Map<string, string> {
  const plain = (text: string) => text.replaceAll("\u200b", "").trim().normalize("NFC").toLowerCase();
  const same = (one: string, other: string) => plain(one) === plain(other);
  const due = new Map<string, string>();
  for (const user of users) {
    const meant = lines.filter(({ text }) => same(text, user.email));
    const wanted = new Set(meant.map(({ state }) => state ?? "SUSPENDED"));
    const isAlone = users.filter(({ email }) => same(email, user.email)).length === 1;
    const [state] = wanted;
    if (wanted.size === 1 && isAlone && state !== undefined && state !== user.state) due.set(user.id, state);
  }
  return due;
}

/** The same list in either form; only CSV can say what each should be. */
function optionsOf(lines: readonly Line[], isCsv: boolean): AuditAccessOptions {
  if (!isCsv) return { emails: lines.map(({ text }) => text) };
  return { csv: ["email,state", ...lines.map(({ text, state = "" }) => `"${text}",${state}`)].join("\n") };
}

describe.each(sourceNames)("through %s", (source) => {
  test("any list has a row for each line, and only who is found once and in another state is written", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(person, { maxLength: 10 }),
        fc.array(line, { minLength: 1, maxLength: 15 }),
        fc.boolean(),
        async (users, given, isCsv) => {
          const lines = isCsv ? given : given.map(({ text }) => ({ text, state: undefined }));
          await using sandbox = await startSandbox({ users });
          await using manager = new ToolManager({ source: sources[source](sandbox) });
          const writes = () => sandbox.requests.filter(({ path }) => /[:/](suspend|reactivate)$/.test(path));
          const due = dueIn(lines, sandbox);
          const before = new Map(sandbox.users.map((user) => [user.id, user.state]));
          const options = { ...optionsOf(lines, isCsv), state: "SUSPENDED" } as const;
          const fix = { suspend: true, reactivate: true };

          const looked = await auditAccess(manager, options);
          expect(writes()).toEqual([]);
          const fixed = await auditAccess(manager, { ...options, fix });
          for (const { rows, counts, drift, lookedAt } of [looked, fixed]) {
            expect(rows.map((row) => row.line)).toEqual(lines.map((_line, index) => index + (isCsv ? 2 : 1)));
            expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(lines.length);
            expect(drift).toBe(counts.other_state + counts.not_in_account + counts.malformed);
            expect(lookedAt).toBe(sandbox.users.length);
            const drifting = rows.filter(({ finding }) => finding === "other_state");
            expect(new Set(drifting.map(({ people }) => people[0]?.id))).toEqual(new Set(due.keys()));
          }

          expect(fixed.stopped).toBeUndefined();
          expect(writes()).toHaveLength(due.size);
          const refused = fixed.rows.filter(({ fix }) => fix?.outcome === "refused");
          const kept = new Set(refused.map(({ people }) => people[0]?.id));
          for (const user of sandbox.users) {
            const wanted = kept.has(user.id)
              ? before.get(user.id)!
              : (due.get(user.id) ?? before.get(user.id)!);
            expect(wordsOf(user)).toBe(wordsOf({ ...user, state: wanted }));
            if (kept.has(user.id)) expect(user.role).not.toBe("member");
          }

          const again = await auditAccess(manager, { ...options, fix });
          // The last owner may be let go once another one is back.
          expect(again.counts.other_state).toBe(kept.size);
          expect(again.fixes).toMatchObject({ left: 0, unknown: 0 });
          expect(sandbox.violations).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);
});
