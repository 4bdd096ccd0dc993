import { afterEach, describe, expect, test, vi } from "vitest";
import type { Call, CallRequest } from "langchain-1password";
import { repeats } from "../../src/layers/repeats.js";
import { directContext } from "../support/context.js";
import {
  call,
  callAll,
  dwight,
  eachOnce,
  everyWay,
  jan,
  michael,
  sources,
  useGuarded,
} from "../support/guarded.js";

const nobody = { id: "A".repeat(26) };
const thread = (name: string) => ({ configurable: { thread_id: name } });

function useDate() {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-05T12:00:00.000Z") });
  return { pass: (ms: number) => vi.setSystemTime(Date.now() + ms) };
}
afterEach(() => vi.useRealTimers());

describe.each(everyWay)("$source through $host", ({ source, host }) => {
  test("what failed for good is not sent again in its thread, and the answer says why and what else to do", async () => {
    const { suspend, reactivate, writes } = await useGuarded(source);
    const first = await call(host, suspend, nobody, thread("a"));
    const again = await call(host, suspend, nobody, thread("a"));
    expect(first.code).toBe("not_found");
    expect(again.code).toBe("repeated");
    expect(again.text).toMatch(/^Not sent: this same call failed for good before\. /);
    expect(again.text).toContain(
      source === "a foreign tool"
        ? '"suspend_user" failed: not_found'
        : "The same call will fail again. Ids cannot be guessed. Next: call find_1_password_users",
    );
    expect(writes()).toHaveLength(1);
    // Another call, and the same one in another thread, are free.
    await call(host, reactivate, nobody, thread("a"));
    await call(host, suspend, nobody, thread("b"));
    expect(writes()).toHaveLength(3);
  });

  test("a run without a thread is its own memory, and another run has another one", async () => {
    const { suspend, writes } = await useGuarded(source);
    const same = { tool: suspend, args: nobody };
    const codes = (await callAll(host, [[same], [same]])).map(({ code }) => code);
    // Calls by hand belong to no run, and are all on their own.
    const second = host === "tool.invoke" ? "not_found" : "repeated";
    expect(codes).toEqual(["not_found", second]);
    const before = writes().length;
    await callAll(host, [[same]]);
    expect(writes()).toHaveLength(before + 1);
  });

  test("what another person's email or protection refused is not looked at again", async () => {
    const { suspend, person, reads } = await useGuarded(source, { protect: [jan, dwight] });
    for (const args of [
      { id: person(michael).id, expected_email: dwight },
      { id: person(dwight).id, expected_email: dwight },
    ]) {
      const first = await call(host, suspend, args, thread("a"));
      const count = reads().length;
      const again = await call(host, suspend, args, thread("a"));
      expect(again.code).toBe("repeated");
      expect(again.text.split("\n", 1)[0]).toBe(
        `Not sent: this same call was refused before. ${first.text.split("\n", 1).join("")}`,
      );
      expect(reads()).toHaveLength(count);
    }
  });

  test("what a person rejected is not asked for again, unless there is another reason", async () => {
    const ask = vi.fn(() => ({ decision: "reject" as const, reason: "They only moved teams." }));
    const options = { approval: { ask }, requireReason: true };
    const { suspend, person, writes } = await useGuarded(source, options);
    const suspendFor = (reason: string) =>
      call(host, suspend, { id: person(michael).id, reason }, thread("a"));
    expect((await suspendFor("IT-1")).code).toBe("approval_rejected");
    const again = await suspendFor("IT-1");
    expect(again.code).toBe("repeated");
    expect(again.text).toMatch(
      /^Not sent: a person rejected this same change before\. .*They only moved teams.* Next: report this/,
    );
    expect(ask).toHaveBeenCalledTimes(1);
    expect((await suspendFor("IT-2")).code).toBe("approval_rejected");
    expect(ask).toHaveBeenCalledTimes(2);
    expect(writes()).toEqual([]);
  });

  test("a write that succeeds on the person clears what is remembered of them", async () => {
    const decisions = ["reject", "approve", "reject"] as const;
    let count = 0;
    const ask = vi.fn(() => ({ decision: decisions[(count += 1) - 1]! }));
    const { suspend, person } = await useGuarded(source, { approval: { ask }, requireReason: true });
    const { id } = person(michael);
    const made = async (args: object) => (await call(host, suspend, { id, ...args }, thread("a"))).code;
    expect(await made({ reason: "IT-1", expected_email: jan })).toBe("identity_mismatch");
    expect(await made({ reason: "IT-1", expected_email: jan })).toBe("repeated");
    expect(await made({ reason: "IT-1" })).toBe("approval_rejected");
    expect(await made({ reason: "IT-2" })).toBeNull();
    person(michael).state = "ACTIVE";
    // Whose id it is has not changed by that.
    expect(await made({ reason: "IT-1", expected_email: jan })).toBe("repeated");
    expect(await made({ reason: "IT-1" })).toBe("approval_rejected");
  });

  test("a read that failed for good is not sent again either", async () => {
    const { get, reads } = await useGuarded(source);
    const codes = [
      (await call(host, get, nobody, thread("a"))).code,
      (await call(host, get, nobody, thread("a"))).code,
    ];
    expect(codes).toEqual(["not_found", "repeated"]);
    expect(reads()).toHaveLength(1);
  });

  test("what may succeed the next time is sent again", async () => {
    const faults = [429, 503].map((status) => ({
      operation: "suspend" as const,
      do: { kind: "status" as const, status },
    }));
    const { suspend, person } = await useGuarded(source, {}, { faults });
    const made = async () => (await call(host, suspend, { id: person(michael).id }, thread("a"))).code;
    expect([await made(), await made(), await made()]).toEqual(["rate_limited", "server_error", null]);
  });

  test("repeats: false remembers nothing", async () => {
    const { suspend, writes } = await useGuarded(source, { repeats: false });
    for (let time = 0; time < 3; time += 1) {
      expect((await call(host, suspend, nobody, thread("a"))).code).toBe("not_found");
    }
    expect(writes()).toHaveLength(3);
  });
});

describe.each(eachOnce)("$source through $host", ({ source, host }) => {
  test("a failure is remembered for 10 minutes, and a rejection for a day", async () => {
    const date = useDate();
    const ask = vi.fn(() => ({ decision: "reject" as const }));
    const { suspend, person } = await useGuarded(source, { approval: { ask } });
    const codes = async () => [
      (await call(host, suspend, nobody, thread("a"))).code,
      (await call(host, suspend, { id: person(michael).id }, thread("a"))).code,
    ];
    expect(await codes()).toEqual(["not_found", "approval_rejected"]);
    date.pass(600_000 - 1);
    expect(await codes()).toEqual(["repeated", "repeated"]);
    date.pass(1);
    expect(await codes()).toEqual(["not_found", "repeated"]);
    date.pass(24 * 3_600_000 - 600_000 - 1);
    expect(await codes()).toEqual(["not_found", "repeated"]);
    date.pass(1);
    expect(await codes()).toEqual(["repeated", "approval_rejected"]);
  });
});

test("the same arguments in another order are the same", async () => {
  const { all, sandbox } = await useGuarded("Users API");
  const list = all.find(({ descriptor }) => descriptor.method === "list")!;
  const first = await call("tool.invoke", list, { page_token: "guessed", max_page_size: 5 }, thread("a"));
  const count = sandbox.requests.length;
  const again = await call("tool.invoke", list, { max_page_size: 5, page_token: "guessed" }, thread("a"));
  expect([first.code, again.code]).toEqual(["invalid_argument", "repeated"]);
  expect(sandbox.requests).toHaveLength(count);
});

describe.each(sources)("a tool call that was made already (%s)", (source) => {
  async function useReruns(setup: Parameters<typeof useGuarded>[2] = {}) {
    const account = await useGuarded(source, {}, setup);
    const { id } = account.person(michael);
    const rerun = async (name: "suspend" | "reactivate" = "suspend", config = thread("a")) => {
      const tool = account[name];
      const toolCall = { type: "tool_call" as const, id: "call-1", name: tool.name, args: { id } };
      return (await tool.invoke(toolCall, config)) as { text: string };
    };
    return { ...account, rerun };
  }

  test("gets its receipt when a host runs it again, and is not sent twice", async () => {
    const { rerun, writes } = await useReruns();
    const first = await rerun();
    const again = await rerun();
    expect(again.text).toBe(first.text);
    expect(writes()).toHaveLength(1);
    await rerun("suspend", thread("b"));
    expect(writes()).toHaveLength(2);
  });

  test("is told what has happened since, where somebody else has changed the person", async () => {
    const { rerun, writes, person } = await useReruns();
    await rerun();
    person(michael).state = "ACTIVE";
    const { text } = await rerun();
    expect(text).toMatch(/^Not sent: this very call was made before, .*somebody else has made them ACTIVE\./);
    expect(text).toContain('"code":"repeated"');
    expect(writes()).toHaveLength(1);
    expect(person(michael).state).toBe("ACTIVE");
  });

  test("is made anew where another write came in between, for some models count their calls from the start", async () => {
    const { rerun, person } = await useReruns();
    for (let time = 0; time < 2; time += 1) {
      await rerun("suspend");
      expect(person(michael).state).toBe("SUSPENDED");
      await rerun("reactivate");
      expect(person(michael).state).toBe("ACTIVE");
    }
  });

  test("has no receipt where it failed", async () => {
    const { rerun, person } = await useReruns({
      faults: [{ operation: "suspend", do: { kind: "status", status: 503 } }],
    });
    await rerun().catch(() => undefined);
    await rerun();
    expect(person(michael).state).toBe("SUSPENDED");
  });
});

test("memory is bounded: of 10,000 calls that failed, the oldest is forgotten for the next one", async () => {
  const sent: unknown[] = [];
  const refusing: Call = ({ args }) => {
    sent.push(args.id);
    return Promise.resolve({ kind: "refused", code: "protected", text: "They are protected." });
  };
  const guarded = repeats().layer(refusing);
  const descriptor = { name: "suspend", method: "suspend", kind: "write" } as CallRequest["descriptor"];
  const made = (id: string) =>
    guarded({
      descriptor: { ...descriptor, inputSchema: { type: "object", properties: { id: {} } } },
      args: { id },
      context: directContext(),
    });
  for (let number = 0; number <= 10_000; number += 1) await made(`person ${number}`);
  sent.length = 0;
  await made("person 1");
  await made("person 10000");
  expect(sent).toEqual([]);
  await made("person 0");
  expect(sent).toEqual(["person 0"]);
});

test("calls with long arguments are told apart as well, and remembered", async () => {
  const { all, sandbox } = await useGuarded("Users API");
  const list = all.find(({ descriptor }) => descriptor.method === "list")!;
  const token = (last: string) => ({ page_token: `${"x".repeat(2000)}${last}` });
  const codes = [];
  for (const last of ["a", "a", "b"]) {
    codes.push((await call("tool.invoke", list, token(last), thread("a"))).code);
  }
  expect(codes).toEqual(["invalid_argument", "repeated", "invalid_argument"]);
  expect(sandbox.requests.filter(({ path }) => path.endsWith("/users"))).toHaveLength(2);
});
