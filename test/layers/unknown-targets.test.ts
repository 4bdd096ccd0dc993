import { describe, expect, test } from "vitest";
import { attempt, doors, judgingGuards, ways, type Way } from "../support/unknown-targets.js";

const doorNames = Object.keys(doors);
const guardNames = Object.keys(judgingGuards) as (keyof typeof judgingGuards)[];
const wayNames = Object.keys(ways) as Way[];

/** What an error has to hold beside its cause: what to do, or that nothing was done. */
const says = /Next:|Give|declare|Ask|Check|Nothing was (sent|changed)/;

test("are tried in more than 500 combinations", () => {
  expect(doorNames.length * guardNames.length * wayNames.length).toBeGreaterThanOrEqual(500);
});

describe.each(doorNames)("through %s", (door) => {
  test.each(guardNames)("%s lets a write through that names its person", async (guardName) => {
    const { said, writes, asked } = await attempt(door, guardName, undefined);
    expect(writes, said).toBe(1);
    const isAsked = guardName === "approval" || guardName === "all of them";
    expect(asked).toBe(isAsked ? 1 : 0);
  });

  test.each(guardNames)("%s lets no write through on somebody unknown, and says why", async (guardName) => {
    for (const way of wayNames) {
      const { said, writes, asked } = await attempt(door, guardName, way);
      const what = `${way}: ${said}`;
      expect(writes, what).toBe(0);
      expect(asked, what).toBe(0);
      expect(said, what).toMatch(
        /"?id"?|email|nobody|person|user|readUser|cannot (read|be read)|not (found|known)|left out/i,
      );
      // A function says which options there are, where it was given one that there is not.
      const isOption =
        /^"\w+" is not an option of offboardUser\. (Did you mean "id"\? )?There are: email, id, reason\./;
      expect(isOption.test(said) || says.test(said), what).toBe(true);
    }
  });
});
