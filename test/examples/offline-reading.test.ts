import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextStep } from "../../examples/support/plan.js";
import { cursorIn, failureIn, peopleIn } from "../../examples/support/read-results.js";
import { emailsIn, readTask } from "../../examples/support/read-task.js";
import { peopleTable, shownUser } from "../../src/content/people-table.js";

describe("what a sentence asks for", () => {
  test.each([
    ["m.scott@example.com has left: find them, check, suspend, confirm.", "suspend", "m.scott@example.com"],
    ["Please offboard “o'hara@mail.example.co.uk”.", "suspend", "o'hara@mail.example.co.uk"],
    ["'a@b.test' is back", "reactivate", "a@b.test"],
    ["Reactivate zoë@exämple.test, she has returned.", "reactivate", "zoë@exämple.test"],
    ["Who is suspend.me@example.com?", undefined, "suspend.me@example.com"],
    ["ada@corp.test has left, but change nothing: only look.", undefined, "ada@corp.test"],
  ])("%s", (sentence, verb, email) => {
    expect(readTask(sentence)).toMatchObject(
      verb === undefined ? { kind: "look", email } : { kind: "state", verb, email },
    );
  });

  test.each([
    "Suspend Ada.",
    "ada@corp.test and bob@corp.test have left.",
    "ada@corp.test has left and is back.",
  ])("%s is asked about", (sentence) => {
    expect(readTask(sentence).kind).toBe("unclear");
  });

  test("an email address is found wherever it stands, without what stands around it", () => {
    const address = fc
      .tuple(
        fc.stringMatching(/^[a-z0-9][a-z0-9.+_-]{0,15}$/),
        fc.stringMatching(/^[a-z0-9]{1,8}\.[a-z]{2,5}$/),
      )
      .map((parts) => parts.join("@"));
    const around = fc.constantFrom(
      ["", ""],
      ["'", "'"],
      ["<", ">"],
      ["(", ")."],
      ["“", "”,"],
      ["mailto:", "!"],
    );
    fc.assert(
      fc.property(address, around, (email, [left, right]) => {
        expect(emailsIn(`Now ${left}${email}${right} has left`)).toEqual([email]);
      }),
    );
  });
});

describe("what is read of results", () => {
  test("every person that a tool shows as rows is read back exactly", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 30 });
    const quotable = fc.string({ unit: fc.constantFrom('"', ",", "a", " ", "é"), maxLength: 12 });
    const user = fc
      .record({ id: text, email: text, name: fc.oneof(text, quotable) })
      .map(({ id, email, name }) => {
        return {
          id,
          email,
          display_name: name,
          state: "ACTIVE",
          create_time: "2026-01-01T00:00:00Z",
          path: "",
        } as const;
      });
    fc.assert(
      fc.property(fc.array(user, { minLength: 1 }), (users) => {
        const answer = `${users.length} people found.\n${peopleTable(users)}\n9 people. More follow: call again, "please".`;
        const shown = users
          .map(shownUser)
          .map(({ display_name: name, id, email, state }) => ({ id, email, name, state }));
        expect(peopleIn(answer)).toEqual(shown);
      }),
    );
  });

  test("quoted fields may hold commas, quotes and line breaks, and CRLF ends a row", () => {
    expect(
      peopleIn('id,email,display_name,state\r\nX,x@y.z,"Doe, ""J""\r\nJr.",ACTIVE\r\nnot,a,row'),
    ).toEqual([{ id: "X", email: "x@y.z", name: 'Doe, "J"\r\nJr.', state: "ACTIVE" }]);
  });

  test("people are read from JSON, one or a page of them", () => {
    const [a, b] = [
      { id: "1", email: "a@b.c", state: "ACTIVE" },
      { id: "2", email: "d@e.f", state: "SUSPENDED" },
    ];
    expect(peopleIn(JSON.stringify(a))).toEqual([{ ...a, name: "" }]);
    for (const answer of [[a, b], { results: [a, b] }, { result: [a, b] }]) {
      expect(peopleIn(JSON.stringify(answer)).map(({ id }) => id)).toEqual(["1", "2"]);
    }
  });

  test("no text at all makes the readers throw", () => {
    const part = fc.constantFrom(
      "id,email,state",
      "\n",
      '"',
      ",",
      "{",
      "}",
      "Next: call x with ",
      '{"code":"a"}',
      "More follow: call again with c exactly ",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(part, fc.string({ maxLength: 5 }))).map((parts) => parts.join("")),
      fc.json(),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (answer, isError) => {
        expect(Array.isArray(peopleIn(answer))).toBe(true);
        expect(["string", "object"]).toContain(typeof cursorIn(answer));
        expect(failureIn(answer, true)).not.toBeNull();
        nextStep({
          task: "ada@corp.test has left.",
          tools: [{ name: "find_people", schema: {} }],
          calls: [{ name: "find_people", args: {}, text: answer, isError }],
        });
      }),
    );
  });

  test("an error is known by its last line, whatever a host writes behind it", () => {
    const text =
      'No such person. Next: call find_it with {"q":"a}"} to learn more.\n{"code":"not_found","retryable":false,"retry_after_s":null}';
    const failure = { reason: "No such person.", next: { name: "find_it", args: { q: "a}" } } };
    expect(failureIn(text, false)).toEqual(failure);
    expect(failureIn(`Error: ${text}\n Please fix your mistakes.`, true)).toEqual({
      ...failure,
      reason: "Error: No such person.",
    });
    expect(failureIn('Error: Broken.\n{"code":"network"}\n Please fix your mistakes.', true)).toEqual({
      reason: "Error: Broken.",
      next: null,
    });
    expect(failureIn("All is well.", false)).toBeNull();
    expect(failureIn('{"code":"a"}\nis a line of an answer', false)).toBeNull();
  });
});
