import { ToolMessage } from "@langchain/core/messages";
import { ToolManager, usersApi } from "langchain-1password";
import { describe, expect, onTestFinished, test } from "vitest";
import { useSandbox } from "../support/sandbox.js";
import { lastResult, type Planner, type Reply, type Turn } from "../support/wire/turn.js";
import { clients, type ProviderClient } from "./clients.js";
import { converse } from "./converse.js";

const leaver = "m.scott@example.com";

const defaultNames = {
  truto: [
    "list_all_1_password_users",
    "get_single_1_password_user_by_id",
    "1_password_users_suspend",
    "1_password_users_reactivate",
    "find_1_password_users",
  ],
  portable: [
    "list_all_1_password_users",
    "get_single_1_password_user_by_id",
    "onepassword_users_suspend",
    "onepassword_users_reactivate",
    "find_1_password_users",
  ],
};

async function connect(provider: ProviderClient, reply: Planner, names = provider.names) {
  const sandbox = await useSandbox();
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), names });
  const server = await provider.start({ reply });
  onTestFinished(async () => {
    await server.close();
    await manager.close();
  });
  return { sandbox, manager, server, model: provider.connect(server.baseUrl) };
}

/** Finds the leaver, looks again, suspends and reports: each step from what the last one said. */
const offboard: Planner = (turn) => {
  const suspend = turn.tools.find(({ name }) => name.endsWith("password_users_suspend"))!.name;
  const [found, read, suspended] = ["find_1_password_users", "get_single_1_password_user_by_id", suspend].map(
    (name) => lastResult(turn, name),
  );
  if (found === undefined) return call("find_1_password_users", { email: leaver });
  if (read === undefined) return call("get_single_1_password_user_by_id", { id: idIn(found) });
  if (suspended === undefined && read.includes(leaver)) return call(suspend, { id: idIn(read) });
  return { text: `Done: ${suspended ?? "nothing"}` };
};

function call(name: string, args: Record<string, unknown>): Reply {
  return { toolCalls: [{ name, args }] };
}

function idIn(text: string): string {
  return /\b[A-Z2-7]{26}\b/.exec(text)?.[0] ?? "no id";
}

describe.each(clients)("$client", (provider) => {
  test("the five default tools are sent as their descriptors say", async () => {
    const { manager, server, model } = await connect(provider, () => ({ text: "Hello." }));
    await converse(model, await manager.getTools());

    const sent = provider.definitions(server.requests[0]!.body);
    expect(sent.map(({ name }) => name).sort()).toEqual([...defaultNames[provider.names]].sort());
    const descriptors = await manager.getDescriptors();
    expect(sent).toEqual(
      descriptors.map(({ name, description, inputSchema }) => ({
        name,
        description,
        schema:
          provider.client === "ChatGoogleGenerativeAI" ? withoutWhatGoogleStrips(inputSchema) : inputSchema,
      })),
    );
  });

  test.each([{ streaming: false }, { streaming: true }])(
    "an agent finds, reads and suspends by what it read, streaming: $streaming",
    async ({ streaming }) => {
      const turns: Turn[] = [];
      const { sandbox, manager, server, model } = await connect(provider, (turn) => {
        turns.push(turn);
        return offboard(turn);
      });
      const person = () => sandbox.users.find(({ email }) => email === leaver)!;
      expect(person().state).toBe("ACTIVE");

      const messages = await converse(model, await manager.getTools(), { streaming });

      expect(person().state).toBe("SUSPENDED");
      expect(server.requests.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      // What the tools said is what went over the wire, word for word.
      const said = messages.filter(({ type }) => type === "tool").map(({ text }) => text);
      const arrived = turns.at(-1)!.messages.filter(({ role }) => role === "tool");
      expect(arrived.map(({ text }) => text)).toEqual(said);
      expect(said).toHaveLength(3);
      expect(messages.at(-1)?.text).toContain("SUSPENDED");
    },
  );

  test("an error that the model can mend goes over the wire, and the next call mends it", async () => {
    const { manager, model } = await connect(provider, (turn) => {
      const [found, read] = ["find_1_password_users", "get_single_1_password_user_by_id"].map((name) =>
        lastResult(turn, name),
      );
      if (read === undefined) return call("get_single_1_password_user_by_id", { id: leaver });
      if (!read.includes(`"code":"invalid_argument"`)) return { text: read };
      if (found === undefined) return call("find_1_password_users", { email: leaver });
      return call("get_single_1_password_user_by_id", { id: idIn(found) });
    });
    const messages = await converse(model, await manager.getTools());
    const results = messages.filter((message) => ToolMessage.isInstance(message));
    expect(results.map(({ status }) => status)).toEqual(["error", "success", "success"]);
    expect(messages.at(-1)?.text).toContain(leaver);
  });
});

test("with the default names Gemini refuses the whole request, reads included", async () => {
  const google = clients.find(({ names }) => names === "portable")!;
  const { manager, server, model } = await connect(google, () => ({ text: "Hello." }), "truto");
  const conversation = converse(model, await manager.getTools());
  await expect(conversation).rejects.toThrow(
    /Invalid function name. Must start with a letter or an underscore/,
  );
  expect(server.requests.map(({ status }) => status)).toEqual([400]);

  const reads = await manager.getTools({ methods: ["read"] });
  await expect(converse(model, reads)).resolves.toHaveLength(3);
});

function withoutWhatGoogleStrips(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWhatGoogleStrips);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([keyword]) => keyword !== "$schema" && keyword !== "additionalProperties")
      .map(([keyword, inner]) => [keyword, withoutWhatGoogleStrips(inner)]),
  );
}
