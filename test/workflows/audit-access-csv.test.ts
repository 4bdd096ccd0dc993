import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { auditAccess, ToolManager, type AuditAccessReport, type ToolSource } from "langchain-1password";

/** An account without people: what is tested is how a list is read. */
const nobody: ToolSource = {
  key: "memory",
  list: () => Promise.resolve([]),
  call: () => Promise.reject(new Error("lists nothing")),
  async *readUsers() {
    const meta = { status: 200, headers: {}, rateLimit: null, requestId: null, nextCursor: null };
    yield { users: [], meta, narrowedBy: [] };
  },
};
const manager = new ToolManager({ source: nobody, workflows: true });

const read = (csv: string, state?: "ACTIVE" | "SUSPENDED"): Promise<AuditAccessReport> =>
  auditAccess(manager, { csv, ...(state && { state }) });

/** Rows in short: the line, what was given, and what it should be or why it cannot be read. */
const inShort = ({ rows }: AuditAccessReport) =>
  rows.map(({ line, given, expected, why }) => `${line} ${expected === null ? why : `${given} ${expected}`}`);

describe("a list as CSV", () => {
  const lists: [what: string, csv: string, rows: string[]][] = [
    ["with bare emails", "a@x.com\nb@x.com\n", ["1 a@x.com SUSPENDED", "2 b@x.com SUSPENDED"]],
    [
      "without a header, with states on either side",
      "a@x.com,active\nsuspended , b@x.com\nc@x.com",
      ["1 a@x.com ACTIVE", "2 b@x.com SUSPENDED", "3 it says no state, where other lines do"],
    ],
    ["with a header", "email,state\na@x.com,ACTIVE", ["2 a@x.com ACTIVE"]],
    [
      "with columns that are not asked for, a byte order mark and CRLF",
      '\ufeffName,E-Mail,Team,Status\r\n"Ver, Lea",a@x.com,IT,Suspended\r\nB,b@x.com,,ACTIVE\r\n',
      ["2 a@x.com SUSPENDED", "3 b@x.com ACTIVE"],
    ],
    [
      "with semicolons, as Excel writes it in half of Europe",
      "\ufeffName;E-Mail;Status\r\nVer, Lea;a@x.com;suspended\r\n",
      ["2 a@x.com SUSPENDED"],
    ],
    ["with tabs", "status\temail address\nactive\ta@x.com", ["2 a@x.com ACTIVE"]],
    ["with bars", "mail|expected status\na@x.com|active", ["2 a@x.com ACTIVE"]],
    [
      "with the ends of lines of old Macs, and mixed ones",
      "email\ra@x.com\r\nb@x.com\n\rc@x.com",
      ["2 a@x.com SUSPENDED", "3 b@x.com SUSPENDED", "5 c@x.com SUSPENDED"],
    ],
    [
      "with blank lines, which count as lines and are no rows",
      "\n\nemail,state\n,\n  \na@x.com,active\n\n",
      ["6 a@x.com ACTIVE"],
    ],
    [
      "with quotes, doubled ones and line ends inside of them",
      'name,email,state\n"Lea ""L"" Ver\n2nd line","a@x.com","active"\nB,b@x.com,',
      ["2 a@x.com ACTIVE", "4 it says no state, where other lines do"],
    ],
    [
      "with another separator more often in its fields",
      'email,"notes; as; they; are"\na@x.com,one;two;three;four',
      ["2 a@x.com SUSPENDED"],
    ],
    [
      "with an email on its first line that holds a column's name",
      "m.scott@mail.com\nb@mail.com",
      ["1 m.scott@mail.com SUSPENDED", "2 b@mail.com SUSPENDED"],
    ],
    [
      "with what each should be beside what each is",
      "email,state,expected state\na@x.com,ACTIVE,SUSPENDED",
      ["2 a@x.com SUSPENDED"],
    ],
    [
      "with two columns of emails, one of which is called email",
      "manager email,email\nboss@x.com,a@x.com",
      ["2 a@x.com SUSPENDED"],
    ],
    [
      "with states in other words",
      "email,account status\na@x.com,Disabled\nb@x.com,inactive\nc@x.com,enabled\nd@x.com,Terminated\ne@x.com,Staged",
      [
        "2 a@x.com SUSPENDED",
        "3 b@x.com SUSPENDED",
        "4 c@x.com ACTIVE",
        "5 d@x.com SUSPENDED",
        '6 "Staged" in the column "account status" is no state that is known',
      ],
    ],
    [
      "with a slip in a state, which is not taken for the default",
      "a@x.com,ACITVE\nb@x.com",
      [
        '1 it holds "ACITVE", which is neither an email address nor a state, and no header says what it is',
        "2 b@x.com SUSPENDED",
      ],
    ],
    [
      "with several emails on a line that no header explains",
      "a@x.com,b@x.com\nc@x.com,active,suspended\nd@x.com",
      [
        "1 it holds several email addresses, and no header says which is meant",
        "2 it holds several states, and no header says which is meant",
        "3 d@x.com SUSPENDED",
      ],
    ],
    [
      "with a separator in a field that is not quoted",
      "email,name,state\na@x.com,Ver, Lea,active\nb@x.com,B,active,",
      [
        "2 it has 4 fields where the header has 3: a field with a separator in it needs quotes",
        "3 b@x.com ACTIVE",
      ],
    ],
    [
      "with lines that are too short",
      "name,email,state\nLea\nB,b@x.com",
      ["2 there is no email address", "3 b@x.com SUSPENDED"],
    ],
    [
      "with quotes that nothing closes, inside of which nobody is lost",
      'email,state\na@x.com,active\n"b@x.com,active\nc@x.com,active\n\nd@x.com,active',
      [
        "2 a@x.com ACTIVE",
        "3 it opens quotes that nothing closes",
        "4 it stands inside of the quotes that line 3 opens",
        "6 it stands inside of the quotes that line 3 opens",
      ],
    ],
    [
      "with quotes that are closed too late",
      'email,state\n"a@x.com\nb@x.com",active\nc@x.com,active',
      [
        '2 "a@x.com b@x.com" is not one email address',
        "3 it stands inside of the quotes that line 2 opens",
        "4 c@x.com ACTIVE",
      ],
    ],
    [
      "with quotes inside of quotes that are not doubled",
      'email,name\n"a@x.com"x,"A"\nb@x.com,B',
      ["2 it has quotes inside of a quoted field that are not doubled", "3 b@x.com SUSPENDED"],
    ],
    [
      "with formulas, which are text like any other",
      "email,state\n=1+1,active\n@SUM(A1),active\na@x.com,=ACTIVE()",
      [
        '2 "=1+1" is not one email address',
        '3 "@SUM(A1)" is not one email address',
        '4 "=ACTIVE()" in the column "state" is no state that is known',
      ],
    ],
    [
      "with a line that is longer than any email",
      `email\n${"a".repeat(300)}@x.com\nb@x.com`,
      [`2 "${"a".repeat(79)}…" is longer than the 254 characters of an email address`, "3 b@x.com SUSPENDED"],
    ],
  ];
  test.each(lists)("%s", async (_what, csv, rows) => {
    expect(inShort(await read(csv))).toEqual(rows);
  });

  test.each(["leavers.csv", "/home/hr/leavers march.CSV\n", "C:\\\\lists\\\\leavers.xlsx"])(
    "the path of a file is told as that: %s",
    async (path) => {
      await expect(read(path)).rejects.toThrow(
        /"csv" is ".*", which looks like the path of a file\. .*not its path/,
      );
    },
  );

  test("a first line that names nothing known could say whose the emails are, and is refused", async () => {
    for (const csv of ["user,access\na@x.com,active", "manager\na@x.com", "Lea\na@x.com\nb@x.com"]) {
      await expect(read(csv)).rejects.toThrow(
        /no column of emails that can be used: its first line is .* Next: .*\{"columns": \{"email": "Work Email"\}\}/,
      );
    }
  });

  test("its lines without a state of their own should be what the call says", async () => {
    const report = await read("email,state\na@x.com,\nb@x.com,suspended", "ACTIVE");
    expect(inShort(report)).toEqual(["2 a@x.com ACTIVE", "3 b@x.com SUSPENDED"]);
  });
});

/** One person of a list as somebody else's program would write it. */
interface Entry {
  email: string;
  name: string;
  state: "ACTIVE" | "SUSPENDED" | undefined;
}

const entry: fc.Arbitrary<Entry> = fc.record({
  email: fc
    .tuple(fc.stringMatching(/^[a-z0-9.+_'-]{1,20}$/), fc.stringMatching(/^[a-z0-9-]{1,10}\.[a-z]{2,4}$/))
    .map((parts) => parts.join("@")),
  name: fc.string({
    unit: fc.constantFrom("a", "é", '"', "'", ",", ";", "|", "\t", "\r", "\n", " ", "@", "=", "-", "李"),
  }),
  state: fc.constantFrom("ACTIVE", "SUSPENDED", undefined),
});

const style = fc.record({
  separator: fc.constantFrom(",", ";", "\t", "|"),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  quotesAll: fc.boolean(),
  hasMark: fc.boolean(),
  endsWithLineEnd: fc.boolean(),
  blanks: fc.constantFrom("", " "),
  inCase: fc.constantFrom(
    (word: string) => word,
    (word: string) => word.toLowerCase(),
  ),
  columns: fc.constantFrom(
    ["email", "name", "state"],
    ["name", "email", "state"],
    ["Status", "Full name", "E-Mail Address"],
    ["EMAIL", "Expected State", "name"],
  ),
});

type Style = typeof style extends fc.Arbitrary<infer Value> ? Value : never;

/** Writes CSV by RFC 4180, and knows nothing of how it is read. */
function written(entries: readonly Entry[], by: Style): string {
  const field = (text: string) =>
    by.quotesAll || /["\r\n,;|\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const cell = (column: string, { email, name, state }: Entry) => {
    if (/name/i.test(column)) return field(name);
    return /mail/i.test(column)
      ? field(email)
      : `${by.quotesAll ? "" : by.blanks}${field(by.inCase(state ?? ""))}`;
  };
  const lines = [
    by.columns.map(field).join(by.separator),
    ...entries.map((one) => by.columns.map((column) => cell(column, one)).join(by.separator)),
  ];
  return `${by.hasMark ? "\ufeff" : ""}${lines.join(by.lineEnd)}${by.endsWithLineEnd ? by.lineEnd : ""}`;
}

test("whatever a list is written like, each of its people is read as they were written", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 20 }), style, async (entries, by) => {
      const { rows } = await read(written(entries, by), "SUSPENDED");
      expect(rows.map(({ given }) => given)).toEqual(entries.map(({ email }) => email));
      expect(rows.map(({ expected }) => expected)).toEqual(entries.map(({ state }) => state ?? "SUSPENDED"));
      expect(rows.filter(({ finding }) => finding === "malformed")).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("of any text at all, every line that is not blank is a row or inside of one, or the text is refused", async () => {
  const piece = fc.constantFrom(
    ...["\n", "\r", "\r\n", '"', ",", ";", "|", "\t", " ", "@", "="],
    "email",
    "state",
    "a@x.com",
    "b@x.com",
    "active",
    "suspended",
    '""',
    "\ufeff",
    "\u202e",
    "\u0000",
  );
  const start = fc.constantFrom("", "email,state\n", "\ufeffstate;email\r\n", "a@x.com\n");
  let readable = 0;
  await fc.assert(
    fc.asyncProperty(start, fc.array(piece, { maxLength: 60 }), async (first, pieces) => {
      const csv = first + pieces.join("");
      let report: AuditAccessReport;
      try {
        report = await read(csv);
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid_argument" });
        return;
      }
      readable += 1;
      const lines = csv.replace(/\r\n?/g, "\n").split("\n");
      const numbers = report.rows.map(({ line }) => line);
      expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
      for (const { line, finding, why } of report.rows) {
        expect(lines[line - 1]?.trim()).not.toBe("");
        if (finding === "malformed") expect(why).toMatch(/\S/);
      }
      // Where nothing is quoted, a line is a row; the first one may be a header, and titles may stand above it.
      if (!csv.includes('"')) {
        const some = lines.flatMap((text, index) => (/[^\s,;|\ufeff]/.test(text) ? [index + 1] : []));
        expect(numbers).toEqual(some.slice(some.length - numbers.length));
      }
    }),
    { numRuns: 500 },
  );
  expect(readable).toBeGreaterThan(50);
});
