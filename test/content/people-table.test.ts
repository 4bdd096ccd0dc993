import fc from "fast-check";
import { expect, test } from "vitest";
import { peopleTable } from "../../src/content/people-table.js";
import type { User } from "langchain-1password";
import { somebody } from "../support/credentials.js";

/** RFC 4180, read by its grammar. */
function parseCsv(text: string): string[][] {
  return text.split("\n").map((line) => {
    const fields = line.match(/("([^"]|"")*"|[^,"]*)(,|$)/g) ?? [];
    return fields
      .slice(0, line.endsWith(",") ? undefined : fields.length - (fields.at(-1) === "" ? 1 : 0))
      .map((field) => field.replace(/,$/, ""))
      .map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
  });
}

test("people are rows under one header line, each id once and no path", () => {
  expect(peopleTable([somebody])).toBe(
    "id,email,display_name,state,create_time\n" +
      "IR7VJHJ36JHINBFAD7V2T5MP3E,m.scott@example.com,Michael Scott,ACTIVE,2024-03-01T10:00:00Z",
  );
});

test("a name with a comma or a quote is quoted", () => {
  const table = peopleTable([{ ...somebody, display_name: 'Scott, "Mike"' }]);
  expect(table).toContain(',"Scott, ""Mike""",');
});

test("whatever a profile holds, each person is one row of five fields", () => {
  const profile = fc.record({
    id: fc.string({ unit: "binary" }),
    email: fc.string({ unit: "binary" }),
    display_name: fc.string({ unit: "binary", maxLength: 300 }),
    state: fc.string(),
    create_time: fc.string(),
    path: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(profile, { minLength: 1, maxLength: 5 }), (people) => {
      const rows = parseCsv(peopleTable(people as unknown as User[]));
      expect(rows).toHaveLength(people.length + 1);
      for (const row of rows) expect(row).toHaveLength(5);
    }),
    { numRuns: 300 },
  );
});
