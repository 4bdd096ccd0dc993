import { describe, expect, test, vi } from "vitest";
import type { GuardOptions } from "langchain-1password";
import {
  admin,
  call,
  callAll,
  dwight,
  everyWay,
  hosts,
  jan,
  michael,
  owner,
  sources,
  useGuarded,
} from "../support/guarded.js";

const ways: [string, GuardOptions["protect"]][] = [
  ["email, in any case", [dwight, "M.SCOTT@example.com"]],
  ["domain", [dwight, "*@EXAMPLE.com"]],
  ["predicate", ({ display_name }) => display_name === "Michael Scott"],
  ["predicate of a list that takes its time", [dwight, async ({ email }) => email === michael]],
];

const failing: [string, GuardOptions["protect"]][] = [
  ["predicate that throws", [() => expect.unreachable("the directory is away")]],
  ["predicate that is rejected", [() => Promise.reject(new Error("the directory is away"))]],
];

describe.each(sources)("%s", (source) => {
  // Each through one host: what is protected is decided before anything that a host could change.
  test.each(ways.map(([what, protect], index) => ({ what, protect, host: hosts[index % hosts.length]! })))(
    "who is protected by $what is not touched",
    async ({ protect, host }) => {
      const { suspend, person, writes, reads } = await useGuarded(source, { protect });
      const { code, text } = await call(host, suspend, { id: person(michael).id });
      expect(code).toBe("protected");
      expect(text).toMatch(
        /^id \w{26} \("Michael Scott" <m\.scott@example\.com>\) is protected: .*"protect"/,
      );
      expect(text).toContain("Nothing was changed. The same call will fail again. Next: report this");
      expect(reads()).toHaveLength(1);
      expect(writes()).toEqual([]);
    },
  );
});

describe.each(sources)("%s", (source) => {
  test.each(failing)(
    "who is judged by a %s is not touched, and only the operator hears why",
    async (_what, protect) => {
      const onWarning = vi.fn();
      const { suspend, person, writes } = await useGuarded(source, { protect, onWarning });
      const { code, text } = await call("tool.invoke", suspend, { id: person(michael).id });
      expect(code).toBe("protected");
      expect(text).toMatch(/^Whether id \w{26} .* is protected is not known: .* Nothing was changed\./);
      expect(text).not.toContain("the directory is away");
      const [[, details]] = onWarning.mock.calls as [[string, { cause: Error }]];
      expect(details.cause.message).toContain("the directory is away");
      expect(writes()).toEqual([]);
    },
  );
});

describe.each(everyWay)("$source through $host", ({ source, host }) => {
  test("who is protected by id is not touched, and is not reactivated either", async () => {
    const id = "IR7VJHJ36JHINBFAD7V2T5MP3E";
    const users = [{ email: michael }, { email: jan, id, state: "SUSPENDED" as const }];
    const { suspend, reactivate, person, writes } = await useGuarded(source, { protect: [id] }, { users });
    const outcome = await call(host, reactivate, { id, expected_email: jan });
    expect(outcome.code).toBe("protected");
    expect(writes()).toEqual([]);
    const other = await call(host, suspend, { id: person(michael).id });
    expect(other.report).toMatchObject({ previous_state: "ACTIVE", state: "SUSPENDED", changed: true });
  });

  test("a domain protects those of that domain and nobody else", async () => {
    const emails = [
      "a@board.example.com",
      "b@example.com",
      "c@notboard.example.com",
      "d@board.example.com.au",
    ];
    const users = emails.map((email) => ({ email }));
    const protect = ["*@board.example.com"];
    const { suspend, person } = await useGuarded(source, { protect }, { users });
    await callAll(host, [emails.map((email) => ({ tool: suspend, args: { id: person(email).id } }))]);
    expect(emails.map((email) => person(email).state)).toEqual([
      "ACTIVE",
      "SUSPENDED",
      "SUSPENDED",
      "SUSPENDED",
    ]);
  });

  test("who has a protected address with something around it, or none that can be read, is not touched", async () => {
    const emails = [
      "CEO <ceo@board.example.com>",
      "mailto:ceo@board.example.com",
      "'ceo@board.example.com'",
      "ceo@board.example.com;ceo@example.org",
      "",
      "c@notboard.example.com",
    ];
    const users = emails.map((email) => ({ email }));
    for (const protect of [["*@board.example.com"], ["ceo@board.example.com"]]) {
      const { suspend, sandbox } = await useGuarded(source, { protect }, { users });
      const turn = sandbox.users.map(({ id }) => ({ tool: suspend, args: { id } }));
      const outcomes = await callAll(host, [turn]);
      expect(outcomes.map(({ code }) => code)).toEqual([...Array<string>(5).fill("protected"), null]);
      expect(outcomes[4]?.text).toMatch(
        /^Whether id \w{26} .* is protected is not known: their email is not/,
      );
    }
    // Without emails in it, `protect` has nothing to compare with them.
    const { suspend, sandbox } = await useGuarded(source, { protect: [() => false] }, { users });
    expect((await call(host, suspend, { id: sandbox.users[4]!.id })).code).toBeNull();
  });

  test("whom a call concerns is judged as they are read, whatever the call says of them", async () => {
    const judged = vi.fn(() => false);
    const { suspend, person, writes } = await useGuarded(source, { protect: [michael, judged] });
    const { id } = person(michael);
    const outcome = await call(host, suspend, { id, expected_email: dwight });
    expect(outcome.code).toBe("identity_mismatch");
    expect(judged).not.toHaveBeenCalled();
    person(michael).email = "michael@dundermifflin.example";
    const renamed = await call(host, suspend, { id, expected_email: "michael@dundermifflin.example" });
    expect(renamed.report).toMatchObject({ changed: true });
    expect(judged).toHaveBeenCalledWith(
      expect.objectContaining({ id, email: "michael@dundermifflin.example", state: "ACTIVE" }),
    );
    expect(writes()).toHaveLength(1);
  });

  test("what the API itself refuses comes back in words, and changes nobody", async () => {
    const { suspend, person } = await useGuarded(source);
    const turn = [owner, admin].map((email) => ({ tool: suspend, args: { id: person(email).id } }));
    const [lastOwner, managed] = await callAll(host, [turn]);
    expect([lastOwner?.code, managed?.code]).toEqual(["forbidden", "forbidden"]);
    if (source === "a foreign tool") {
      // Its words are its author's.
      expect(lastOwner?.text).toContain('"suspend_user" failed: no_owner_remain');
    } else {
      expect(lastOwner?.text).toMatch(/last remaining owner of the account.* Nothing was changed/);
      expect(managed?.text).toMatch(/externally managed administrator.* Nothing was changed/);
    }
    expect([person(owner).state, person(admin).state]).toEqual(["ACTIVE", "ACTIVE"]);
  });
});
