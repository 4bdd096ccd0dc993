import { describe, expect, test } from "vitest";
import { call, callAll, dwight, everyWay, hosts, jan, michael, useGuarded } from "../support/guarded.js";

const composed = "am\u00e9lie@example.com";
const decomposed = "ame\u0301lie@example.com";
const otherDecomposed = "zoe\u0308@example.com";

describe.each(everyWay)("$source through $host", ({ source, host }) => {
  test("the person who is meant is read first, changed, and reported with the state before", async () => {
    const { suspend, reactivate, person, sandbox } = await useGuarded(source);
    const { id } = person(michael);
    const suspended = await call(host, suspend, { id, expected_email: michael });
    expect(suspended.report).toEqual({
      id,
      email: michael,
      previous_state: "ACTIVE",
      state: "SUSPENDED",
      changed: true,
      verified: true,
    });
    expect(person(michael).state).toBe("SUSPENDED");
    const verbs = sandbox.requests.map(({ path }) => path.split(/[/:]/).at(-1));
    expect(verbs.slice(verbs.indexOf("suspend") - 1, verbs.indexOf("suspend") + 1)).toEqual([id, "suspend"]);

    const reactivated = await call(host, reactivate, { id, expected_email: michael });
    expect(reactivated.report).toMatchObject({ previous_state: "SUSPENDED", state: "ACTIVE", changed: true });
    expect(person(michael).state).toBe("ACTIVE");
  });

  test("another email means no write, and an error that does not say whose id that is", async () => {
    const { suspend, reactivate, person, writes } = await useGuarded(source);
    const args = { id: person(dwight).id, expected_email: michael };
    const outcomes = await callAll(host, [[suspend, reactivate].map((tool) => ({ tool, args }))]);
    for (const { code, text } of outcomes) {
      expect(code).toBe("identity_mismatch");
      expect(text).toContain(`is that of somebody else, not of <${michael}>. Nothing was changed.`);
      expect(text).not.toMatch(/Dwight|d\.schrute/);
      expect(text).toContain(
        source === "a foreign tool"
          ? "Next: report this to the person who gave you the task"
          : `Next: call find_1_password_users with {"email":"${michael}"} to learn the right id`,
      );
    }
    expect(outcomes).toHaveLength(2);
    expect(writes()).toEqual([]);
  });

  test("what is not understood as an address is refused as that, and nobody is changed", async () => {
    const { suspend, person, writes } = await useGuarded(source);
    const texts = ["not an address", "Michael Scott", `${michael}, ${dwight}`, `${michael} or so`];
    const turn = texts.map((expected_email) => ({
      tool: suspend,
      args: { id: person(michael).id, expected_email },
    }));
    const outcomes = await callAll(host, [turn]);
    outcomes.forEach(({ code, text }, index) => {
      expect(code).toBe("invalid_argument");
      expect(text).toContain(`"${texts[index]}" is not one email address. Nothing was changed. Next: give`);
    });
    expect(outcomes).toHaveLength(texts.length);
    expect(writes()).toEqual([]);
  });

  test("an email that the directory has is understood, whatever it is", async () => {
    const email = "root@[127.0.0.1]";
    const { suspend, person } = await useGuarded(source, {}, { users: [{ email }] });
    const args = { id: person(email).id, expected_email: email };
    expect((await call(host, suspend, args)).report).toMatchObject({ state: "SUSPENDED", verified: true });
  });

  test("the same email in another case, with blanks around it or composed otherwise is the same", async () => {
    const spellings = [
      [michael, "M.Scott@EXAMPLE.com"],
      [dwight, `\t ${dwight}\u00a0\n`],
      [composed, decomposed],
      [otherDecomposed, otherDecomposed.normalize("NFC").toUpperCase()],
      ["j.halpert@example.com", "Jim Halpert <mailto:j.halpert\u200b@example.com>."],
    ] as const;
    const users = spellings.map(([email]) => ({ email }));
    const { suspend, person } = await useGuarded(source, {}, { users });
    const turn = spellings.map(([email, expected]) => ({
      tool: suspend,
      args: { id: person(email).id, expected_email: expected },
    }));
    for (const { report } of await callAll(host, [turn])) {
      expect(report).toMatchObject({ state: "SUSPENDED", changed: true });
    }
    expect(spellings.map(([email]) => person(email).state)).toEqual(Array(5).fill("SUSPENDED"));
  });

  test("an email with a letter more, an accent, a tag or a letter of another script is another one", async () => {
    const { suspend, person, writes } = await useGuarded(source);
    const others = [
      "m.s\u0441ott@example.com",
      "m.sc\u00f3tt@example.com",
      "m.scott+1@example.com",
      "mscott@example.com",
      `Michael <${michael}.au>`,
    ];
    const turn = others.map((expected_email) => ({
      tool: suspend,
      args: { id: person(michael).id, expected_email },
    }));
    const codes = (await callAll(host, [turn])).map(({ code }) => code);
    expect(codes).toEqual(others.map(() => "identity_mismatch"));
    expect(writes()).toEqual([]);
  });

  test("who is in the wanted state already is left alone, and the answer says so", async () => {
    const { suspend, reactivate, person, writes } = await useGuarded(source);
    const [suspended, active] = await callAll(host, [
      [
        { tool: suspend, args: { id: person(jan).id, expected_email: jan } },
        { tool: reactivate, args: { id: person(michael).id, expected_email: michael } },
      ],
    ]);
    expect(suspended?.report).toEqual({
      id: person(jan).id,
      email: jan,
      previous_state: "SUSPENDED",
      state: "SUSPENDED",
      changed: false,
      verified: true,
      note: "already suspended, nothing changed",
    });
    expect(active?.report).toMatchObject({
      previous_state: "ACTIVE",
      changed: false,
      note: "already active, nothing changed",
    });
    expect(writes()).toEqual([]);
  });

  test("an id that is nobody's is not sent, and the error names it", async () => {
    const { suspend, writes } = await useGuarded(source);
    const nobody = "A".repeat(26);
    const { code, text } = await call(host, suspend, { id: nobody, expected_email: michael });
    expect(code).toBe("not_found");
    if (source !== "a foreign tool") expect(text).toContain(`No person with the id "${nobody}"`);
    expect(writes()).toEqual([]);
  });

  test("required, a write without expected_email is refused before anything is sent, and one with it is made", async () => {
    const { suspend, person, sandbox } = await useGuarded(source, { identity: "required" });
    const { id } = person(michael);
    expect(suspend.schema.required).toEqual(["id", "expected_email"]);
    const before = sandbox.requests.length;
    const { code, text } = await call(host, suspend, { id });
    expect(code).toBe("identity_required");
    expect(text).toContain("expected_email");
    expect(sandbox.requests).toHaveLength(before);
    const named = await call(host, suspend, { id, expected_email: michael });
    expect(named.report).toMatchObject({ state: "SUSPENDED", changed: true });
  });

  test("off, writes take no expected_email", async () => {
    const { suspend, person, sandbox } = await useGuarded(source, { identity: "off" });
    const before = sandbox.requests.length;
    const { code, text } = await call(host, suspend, { id: person(michael).id, expected_email: michael });
    expect(code).toBe("invalid_argument");
    expect(text).toContain('"expected_email" is not an argument');
    expect(sandbox.requests).toHaveLength(before);
  });
});

describe("without expected_email and any other guard", () => {
  test.each(hosts)("through %s, nobody is read before, and the state before is unknown", async (host) => {
    const { suspend, person, reads } = await useGuarded("Users API");
    const { report } = await call(host, suspend, { id: person(michael).id });
    expect(report).toMatchObject({ previous_state: "unknown", state: "SUSPENDED", changed: null });
    expect(reads()).toEqual([]);
  });

  test.each(hosts)("through %s, Truto's conflict comes out as nothing changed", async (host) => {
    const { suspend, reactivate, person, writes } = await useGuarded("Truto");
    const suspended = await call(host, suspend, { id: person(jan).id });
    const active = await call(host, reactivate, { id: person(michael).id });
    expect(suspended.report).toMatchObject({
      state: "SUSPENDED",
      changed: false,
      note: "already suspended, nothing changed",
    });
    expect(active.report).toMatchObject({ state: "ACTIVE", changed: false });
    expect(writes().map(({ status }) => status)).toEqual([409, 409]);
  });
});
