import { realpathSync } from "node:fs";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";
import { isToolsetError } from "langchain-1password";
import { createAgent } from "langchain";
import { openRealAccount, openSandbox, type Account, type PersonAfterwards } from "./support/account.js";
import { chooseModel, type ChosenModel } from "./support/model.js";
import { printSteps, type Print } from "./support/print-steps.js";
import { printable } from "./support/printable.js";
import { comparable, emailsIn } from "./support/read-task.js";

const usage = "Usage: npm start -- [--seed NUMBER] [--leaver EMAIL]";

const systemPrompt = `You look after the people of a 1Password account.
Find the person by the whole email address you were given; never guess an id.
Before a change, read the person by id and check that the email is exactly that address, and what the state is.
If nobody or more than one person has it, or anything else does not fit, change nothing and say what you saw.
If the person is in the wanted state already, change nothing and say so.
After a change, read the person again, and report the state that you saw. If a call fails, do not repeat it unless
its answer recommends it; report the reason.`;

/** What an offboarding is run with. */
export interface Offboarding {
  /** The email address of the person who has left. */
  readonly leaver: string;
  readonly account: Account;
  readonly chosen: ChosenModel;
  readonly print: Print;
  readonly signal?: AbortSignal;
}

/** How an offboarding ended, by the account itself and not by what the agent says of it. */
export interface Outcome {
  readonly isSuspended: boolean;
  readonly people: readonly PersonAfterwards[];
}

/** Lets an agent offboard somebody, prints every step, and reads back what has changed. */
export async function offboard({ leaver, account, chosen, print, signal }: Offboarding): Promise<Outcome> {
  const task = `${leaver} has left: find them, check, suspend, confirm.`;
  print(`Task     ${task}`);
  print(`Account  ${account.title}`);
  print(`Model    ${chosen.name}`);

  const agent = createAgent({ model: chosen.model, tools: await account.manager.getTools(), systemPrompt });
  const stream = await agent.stream(
    { messages: [{ role: "user", content: task }] },
    { streamMode: ["updates", "custom"], ...(signal === undefined ? {} : { signal }) },
  );
  const { ids, waits, waitedMs } = await printSteps(stream, print);

  const people = await account.readBack(ids);
  print("\nWhat changed, read back from the account");
  for (const line of changeLines(people, account.people)) print(`  ${line}`);
  const { requests, rateLimited } = account.traffic();
  print(`  requests: ${requests}, answered 429: ${rateLimited}`);
  print(`  waits: ${waits}, ${(waitedMs / 1000).toFixed(1)} s in all`);
  const isSuspended = people.some(
    ({ email, now }) => comparable(email) === comparable(leaver) && now === "SUSPENDED",
  );
  return { isSuspended, people };
}

function changeLines(people: readonly PersonAfterwards[], all: number | null): string[] {
  const emailWidth = Math.max(0, ...people.map(({ email }) => printable(email).length));
  const lines = people.map(({ email, name, before, now }) => {
    const states =
      before === null ? `${now} now` : before === now ? `${now}, as before` : `${before} -> ${now}`;
    return `${printable(email).padEnd(emailWidth)}  ${states}  (${printable(name)})`;
  });
  const untouched =
    all === null ? [] : [`${all - people.length}${people.length === 0 ? "" : " other"} people: unchanged`];
  return people.length + untouched.length === 0
    ? ["nothing: no person was read or changed"]
    : [...lines, ...untouched];
}

/**
 * `npm start`: offboards somebody from a sandbox, or, where `OP_CLIENT_ID` is set, from that account.
 * Sets the exit code to 1, with a line on why, unless the person is suspended in the end.
 *
 * @param argv - `--seed` and `--leaver`
 */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort(new Error("interrupted")));
  let account: Account | undefined;
  try {
    const isReal = (process.env.OP_CLIENT_ID ?? "").trim() !== "";
    const { seed, leaver } = readArguments(argv, isReal);
    const chosen = await chooseModel();
    account = isReal
      ? openRealAccount(chosen)
      : await openSandbox(
          { users: 2500, seed, rateLimit: { limit: 3, windowMs: 2000, headers: "draft-6" } },
          { names: chosen.names, busy: true },
        );
    const { isSuspended } = await offboard({
      leaver,
      account,
      chosen,
      print: (line) => console.log(line),
      signal: interrupt.signal,
    });
    if (!isSuspended) throw new Error(`${leaver} was not suspended: the agent's last words say why`);
  } catch (error) {
    console.error(`\nnpm start failed: ${reasonOf(error)}`);
    process.exitCode = 1;
  } finally {
    await account?.close();
  }
}

function readArguments(argv: readonly string[], isReal: boolean): { seed: number; leaver: string } {
  const { seed, leaver } = parse(argv);
  if (isReal && (seed !== undefined || leaver === undefined)) {
    throw new Error(
      seed === undefined
        ? `OP_CLIENT_ID is set, so this is a real account: say who has left. ${usage}`
        : `"--seed" makes a sandbox, and OP_CLIENT_ID is set: unset it, or leave --seed out. ${usage}`,
    );
  }
  const number = Number(seed ?? 1);
  if (seed?.trim() === "" || !Number.isSafeInteger(number)) {
    throw new Error(`"--seed" is "${seed ?? ""}", which is no whole number. ${usage}`);
  }
  if (leaver !== undefined && emailsIn(leaver)[0] !== leaver) {
    throw new Error(`"--leaver" is "${leaver}", which is not one whole email address. ${usage}`);
  }
  return { seed: number, leaver: leaver ?? "m.scott@example.com" };
}

function parse(argv: readonly string[]): { seed?: string; leaver?: string } {
  try {
    return parseArgs({ args: [...argv], options: { seed: { type: "string" }, leaver: { type: "string" } } })
      .values;
  } catch (error) {
    // Node's own message goes on about positional arguments.
    const [what = ""] = reasonOf(error).split(/\. |\n/);
    throw new Error(`${what}. ${usage}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const message = isToolsetError(error) ? error.text : error instanceof Error ? error.message : String(error);
  return message.split("\n", 1).join("");
}

if (import.meta.url === pathToFileURL(realpathSync(process.argv[1] ?? ".")).href) await main();
