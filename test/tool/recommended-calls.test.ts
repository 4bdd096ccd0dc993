import type { ToolMessage } from "@langchain/core/messages";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ToolManager, type ManagerOptions, type ToolsetTool } from "langchain-1password";
import type { SandboxUser } from "langchain-1password/sandbox";
import { useSandbox } from "../support/sandbox.js";
import { sourceNames, sources } from "../workflows/use-account.js";

interface Recommended {
  readonly name: string;
  readonly args: Record<string, unknown>;
}

/** The call in a text's last "Next: call …", by its grammar: a name, and JSON that ends where it parses. */
function recommendedIn(text: string): Recommended | undefined {
  const [, name, rest] = /Next: call (\S+) with (\{.*)/.exec(text) ?? [];
  if (name === undefined || rest === undefined) return undefined;
  for (let end = rest.indexOf("}"); end !== -1; end = rest.indexOf("}", end + 1)) {
    try {
      return { name, args: JSON.parse(rest.slice(0, end + 1)) as Recommended["args"] };
    } catch {
      // The brace was inside of a text.
    }
  }
  throw new Error(`No JSON: ${text}`);
}

const isPlaceholder = (value: unknown) => typeof value === "string" && /^<.+>$/.test(value);

async function invoke(tool: ToolsetTool, args: Record<string, unknown>) {
  const call = { type: "tool_call" as const, id: crypto.randomUUID(), name: tool.name, args };
  const message = (await tool.invoke(call)) as ToolMessage;
  const { text, status } = message;
  const { error } = (message.artifact ?? {}) as { error?: { code: string } };
  return { text, code: status === "error" ? error?.code : undefined };
}

/** Values that models put where others belong, those of one person among them. */
const valuesOf = ({ id, email, display_name: name }: SandboxUser) =>
  fc.oneof(
    fc.constantFrom<unknown>(
      id,
      id.toLowerCase(),
      ` ${id}\n`,
      `accounts/x/users/${id}`,
      email,
      `the leaver is ${email}.`,
      `user.email == "${email}"`,
      name,
      `${name}\u202e`,
      "active",
      "inactive",
      "SUSPENDED",
      "user.isSuspended",
      "!user.isActive()",
      "all",
      "",
      "  ",
      "*@example.com",
      "https://example.com/x",
      "x".repeat(5000),
      0,
      -1,
      2,
      5000,
      1.5,
      true,
      false,
      [],
      [email],
      [email, "Bob", 7],
      [name],
      {},
    ),
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.integer(),
  );

const names = [
  "id user_id user filter state status query name name_contains email mail emails email_domain domain limit page",
  "page_token next_cursor cursor max_page_size expected_email reason csv fields dry_run constructor __proto__",
].flatMap((line) => line.split(" "));

describe.each(sourceNames)("from %s", (source) => {
  test.each<[what: string, options: ManagerOptions]>([
    ["with no more than is needed", {}],
    ["with an expected email and a reason", { identity: "required", requireReason: true }],
  ])(
    "a call that an error recommends does not fail in another way, %s",
    async (_what, options) => {
      const sandbox = await useSandbox({ users: 40, allowViolations: true });
      const manager = new ToolManager({ source: sources[source](sandbox), workflows: true, ...options });
      const tools = await manager.getTools();
      const person = sandbox.users.find(({ role, state }) => role === "member" && state === "ACTIVE")!;
      const values = valuesOf(person);
      // Another id or email than that one person's is wrong in a way that only the account can tell.
      const own = fc
        .dictionary(fc.constantFrom(...names), values, { minKeys: 0, maxKeys: 4 })
        .map((args) => ({ ...args, ...("expected_email" in args ? { expected_email: person.email } : {}) }));
      let followed = 0;
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...tools.map(({ name }) => name)), own, async (called, args) => {
          const refused = await invoke(
            tools.find(({ name }) => name === called)!,
            args,
          );
          if (refused.code === undefined) return;
          const next = recommendedIn(refused.text);
          if (next === undefined || Object.values(next.args).some(isPlaceholder)) return;
          const recommended = tools.find(({ name }) => name === next.name);
          expect(recommended, refused.text).toBeDefined();
          const answer = await invoke(recommended!, next.args);
          expect(answer.code ?? "none", `${refused.text}\n→ ${answer.text}`).not.toMatch(
            /^(invalid_argument|not_found|identity_)/,
          );
          followed += 1;
        }),
        { numRuns: 300 },
      );
      expect(followed).toBeGreaterThan(30);
    },
    60_000,
  );
});
