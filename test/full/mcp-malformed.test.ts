import { expect, test } from "vitest";
import { LeakSearch } from "../support/leak-search.js";
import {
  bodies,
  hostsAndOrigins,
  messages,
  methodsAndTypes,
  problemOf,
  revisions,
  seeded,
  sessions,
  states,
  tokens,
  tools,
  type RowTable,
} from "../support/mcp-malformed-rows.js";
import {
  modernCall,
  useMalformedWorld,
  type Door,
  type MalformedWorld,
} from "../support/mcp-malformed-world.js";

const seed = 20_260_728;
const tables: Readonly<Record<string, RowTable>> = {
  "methods and content types": methodsAndTypes,
  bodies,
  messages,
  "methods, revisions and their headers": revisions,
  sessions,
  tokens,
  "states of questions": states,
  "Host and Origin": hostsAndOrigins,
  "tools and arguments": tools,
};

async function callEveryDoor({ doors, send, sandbox }: MalformedWorld): Promise<void> {
  const { id } = sandbox.users[0]!;
  const read = (door: Door) => modernCall(door, "get_single_1_password_user_by_id", { arguments: { id } });
  for (const door of doors) {
    const { status, message } = await send(read(door));
    expect({ status, id: message?.result?.structuredContent?.id }).toEqual({ status: 200, id });
  }
}

test.each(Object.entries(tables))(
  "malformed requests get the right answer, reach no account and leave no secret in the log: %s",
  { timeout: 60_000 },
  async (_name, table) => {
    const world = await useMalformedWorld();
    const rows = await table(world, seeded(seed));
    await callEveryDoor(world);
    const before = world.sandbox.requests.length;
    const problems: string[] = [];
    for (const row of rows) {
      const reached = world.sandbox.requests.length;
      const answer = await world.send(row.request);
      problems.push(...[problemOf(row, answer)].filter((problem) => problem !== undefined));
      if (answer.status >= 500) problems.push(`${row.name}: ${answer.status}`);
      if (world.sandbox.requests.length > reached) problems.push(`${row.name} has reached the account`);
    }
    expect(problems).toEqual([]);
    expect(world.sandbox.requests.length).toBe(before);
    await callEveryDoor(world);
    expect(world.sandbox.requests.length).toBe(before + world.doors.length);

    const search = new LeakSearch([...world.secrets].map(([name, value]) => ({ name, value })));
    expect(world.lines.flatMap((line) => search.in(JSON.stringify(line)))).toEqual([]);
  },
);

test("these are more than 300 malformed requests, each another one", async () => {
  const world = await useMalformedWorld();
  const names: string[] = [];
  for (const table of Object.values(tables)) {
    names.push(...(await table(world, seeded(seed))).map(({ name }) => name));
  }
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(300);
});
