import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  auditAccess,
  ToolManager,
  type AuditAccessOptions,
  type AuditAccessReport,
} from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import { toolsetErrorOf } from "../support/errors.js";
import { useAccount } from "./use-account.js";

const users = [
  { email: "stays@example.com" },
  { email: "gone@example.com" },
  { email: "boss@example.com" },
  { email: "owner@example.com", role: "owner" },
] as const;

const anAccount = () => useAccount("the Users API", { users });

/** Rows in short: the address, what it should be or why it cannot be read. */
const inShort = ({ rows }: AuditAccessReport) =>
  rows.map(({ given, expected, why = "" }) =>
    expected === null ? why : `${given.split("@")[0]} ${expected}`,
  );

afterEach(() => vi.useRealTimers());

describe("the column of the people's own emails", () => {
  const foreign = [
    [
      "English",
      "Manager Email",
      "Line manager's e-mail",
      "Approver email",
      "Supervisor_Email",
      "Replaced by (email)",
    ],
    ["English", "Sender mail", "Personal email", "privateEmail", "Home E-Mail", "CC email", "Contact email"],
    [
      "English",
      "Account owner email",
      "Requested by email",
      "Emergency Email",
      "Recipient email",
      "Backup email",
    ],
    [
      "English",
      "Delegate email",
      "Assistant email",
      "HR partner email",
      "Recovery Email",
      "alternateEmailAddress",
    ],
    [
      "English",
      "Team email",
      "New Primary Email [UPLOAD ONLY]",
      "Work Secondary Email",
      "Email Usage [READ ONLY]",
    ],
    [
      "English",
      "Principal email",
      "Referred by (email)",
      "On-premises user principal name",
      "ManagerEmailAddress",
    ],
    [
      "German",
      "Vorgesetzten-E-Mail",
      "Private E-Mail",
      "E-Mail des Vorgesetzten",
      "Genehmiger E-Mail",
      "Stellvertreter-Mail",
    ],
    [
      "French",
      "Courriel du responsable",
      "E-mail personnel",
      "Adresse e-mail du manager",
      "Courriel du remplaçant",
    ],
    [
      "Spanish",
      "Correo del jefe",
      "Correo electrónico personal",
      "Correo del supervisor",
      "Correo del aprobador",
    ],
    ["Italian", "Email del responsabile", "Indirizzo email personale", "E-mail sostituto"],
    ["Portuguese", "E-mail do gestor", "E-mail pessoal", "E-mail do aprovador"],
    ["Dutch", "E-mailadres leidinggevende", "Privé e-mail", "E-mail vervanger"],
    ["Polish", "E-mail przełożonego", "Prywatny adres e-mail", "E-mail zastępcy"],
    ["Nordic", "Chefens e-post", "Privat e-post", "Leders e-mail", "Lederens e-postadresse"],
    ["Japanese", "上司のメールアドレス", "個人メールアドレス", "承認者メール"],
  ].flatMap(([language = "", ...headers]) => headers.map((header) => [header, language] as const));

  test("is none whose header has another word in it, in any language: nothing is sent", async () => {
    const { manager, sandbox } = await anAccount();
    for (const [header] of foreign) {
      for (const csv of [`name,${header}\nx,boss@example.com`, `${header}\nboss@example.com`]) {
        const error = await toolsetErrorOf(auditAccess(manager, { csv, state: "SUSPENDED", fix: true }));
        expect([header, error.code]).toEqual([header, "invalid_argument"]);
        expect(error.text).toContain("Nothing was sent.");
      }
    }
    expect(sandbox.requests).toEqual([]);
  });

  const own = [
    [
      "Email",
      "E-Mail",
      "mail",
      "Email Address [Required]",
      "primaryEmail",
      "Work Email",
      "work_email",
      "EMAIL_ADDRESS",
    ],
    [
      "Email - Primary Work",
      "Business e-mail address",
      "Company email",
      "userEmail",
      "Employee's email",
      "UserPrincipalName",
    ],
    [
      "E-mail 1 - Value",
      "Corporate Email (required)",
      "EmailAddress",
      "PrimarySmtpAddress",
      "1Password email",
      "UPN",
    ],
    [
      "Dienstliche E-Mail-Adresse",
      "Geschäftliche E-Mail",
      "Firmen-Mail",
      "E-Mail-Adresse",
      "Mitarbeiter-E-Mail",
    ],
    ["Adresse e-mail professionnelle", "Courriel", "Adresse électronique (courriel)", "E-mail de l'employé"],
    [
      "Correo electrónico",
      "Correo corporativo",
      "Dirección de correo electrónico",
      "Indirizzo e-mail aziendale",
    ],
    ["Posta elettronica", "E-mail corporativo", "Endereço de e-mail", "Zakelijk e-mailadres", "Werkmail"],
    ["Służbowy adres e-mail", "E-postadress", "Arbetsmejl", "Arbejdsmail", "E-postadresse jobb"],
    ["メールアドレス", "会社メールアドレス", "社員のEメール"],
  ].flat();

  test("is one whose header means nothing else, beside any other column of addresses", async () => {
    const { manager } = await anAccount();
    for (const header of own) {
      const csv = `Name,${header},Manager Email\nA,gone@example.com,boss@example.com`;
      const report = await auditAccess(manager, { csv });
      expect([header, inShort(report)]).toEqual([header, ["gone SUSPENDED"]]);
      expect(report.columns).toEqual({ email: header, states: [], unread: [] });
    }
  });

  test("of two it is none, unless only one of them holds addresses", async () => {
    const { manager } = await anAccount();
    const two = (other: string) => `Email,Work Email\ngone@example.com,${other}`;
    const error = await toolsetErrorOf(auditAccess(manager, { csv: two("boss@example.com") }));
    expect(error.text).toMatch(
      /several columns that could hold the people's own emails: "Email", "Work Email"/,
    );
    expect(inShort(await auditAccess(manager, { csv: two("") }))).toEqual(["gone SUSPENDED"]);
  });

  test("is mail before userPrincipalName, and where the two differ the line is no drift that is fixed", async () => {
    const { manager, writes, person } = await anAccount();
    const csv = `userPrincipalName,mail
gone@example.com,gone@example.com
boss@example.com,stays@example.com
,boss@example.com
owner@example.com,`;
    const report = await auditAccess(manager, { csv, state: "SUSPENDED", fix: true });
    expect(report.rows.map(({ finding }) => finding)).toEqual([
      "other_state",
      "malformed",
      "contradictory",
      "malformed",
    ]);
    expect(report.drift).toBe(3);
    expect(report.rows[1]!.why).toContain('its "mail" is "stays@example.com" and its user principal name');
    expect(writes()).toHaveLength(1);
    expect(person("gone@example.com").state).toBe("SUSPENDED");
  });

  test("can be named, as can that of states and those that say nothing of either", async () => {
    const { manager, writes } = await anAccount();
    const csv = "Login,Manager Email,Standing,VPN\ngone@example.com,boss@example.com,Left,Active";
    const columns = { email: " login ", state: "standing" };
    const report = await auditAccess(manager, { csv, columns });
    expect(inShort(report)).toEqual(["gone SUSPENDED"]);
    expect(report.columns).toEqual({ email: "Login", states: ["Standing"], unread: [] });
    const named = { email: "Login", ignore: ["Standing", "VPN"] };
    const fixed = await auditAccess(manager, { csv, columns: named, state: "SUSPENDED", fix: true });
    expect(fixed.fixes?.changed).toBe(1);
    expect(writes()).toHaveLength(1);
  });

  const misnamed: [what: string, csv: string, columns: AuditAccessOptions["columns"], words: RegExp][] = [
    [
      "that is not there",
      "Email\na@example.com",
      { email: "Mail" },
      /^columns\.email is "Mail", and no column is called that\. There are: "Email"\./,
    ],
    [
      "that nearly is there",
      "Email,Status\na@example.com,Active",
      { email: "E-Mail" },
      /^columns\.email is "E-Mail", and no column is called that\. There are: "Email", "Status"\./,
    ],
    [
      "of states that is not there",
      "Our people;\nLogin;Standing\na@example.com;Left",
      { email: "Login", state: "State" },
      /^columns\.state is "State", and no column is called that\. There are: "Login", "Standing"\./,
    ],
    [
      "to leave out that is not there",
      "Email\tStatus\na@example.com\tActive",
      { ignore: ["VPN"] },
      /^columns\.ignore holds "VPN", and no column is called that\. There are: "Email", "Status"\./,
    ],
    [
      "that is there twice",
      "Email,Email\na@example.com,b@example.com",
      { email: "Email" },
      /2 columns that are called/,
    ],
    ["with two meanings", "Email\na@example.com", { email: "Email", state: "email" }, /gives two meanings/],
    ["of a list without a header", "a@example.com", { email: "Email" }, /no line names the columns/],
  ];
  test.each(misnamed)("a name %s is an error before anything is sent", async (_what, csv, columns, words) => {
    const { manager, sandbox } = await anAccount();
    expect((await toolsetErrorOf(auditAccess(manager, { csv, columns }))).text).toMatch(words);
    expect(sandbox.requests).toEqual([]);
  });
});

describe("the columns of states", () => {
  const read: [header: string, active: string, suspended: string][] = [
    ["suspended", "False", "True"],
    ["Status [READ ONLY]", "Active", "Suspended"],
    ["accountEnabled", "TRUE", "FALSE"],
    ["active", "1", "0"],
    ["Is Active", "Yes", "No"],
    ["Currently Active", "y", "n"],
    ["Deactivated", "No", "Yes"],
    ["InActive", "No", "Yes"],
    ["Is-In-Active", "No", "Yes"],
    ["De-activated", "false", "true"],
    ["DeActivated", "false", "true"],
    ["Konto desaktiviert", "nein", "ja"],
    ["archived", "false", "true"],
    ["Termination Date", "", "2026-01-31"],
    ["Terminated", "", "x"],
    ["Left on", "", "31.01.2026"],
    ["Last day of work", "", "1/31/2026"],
    ["Term Date", "", "2026-01-31"],
    ["LWD", "31-Dec-2199", "31-Jan-2026"],
    ["Off-boarding date", "", "2026-01-31"],
    ["Letzter Arbeitstag", "", "31.01.2026"],
    ["Vertragsende", "31.12.2199", "31.01.2026"],
    ["Dernier jour travaillé", "", "31/01/2026"],
    ["Date de fin de contrat", "", "31/01/2026"],
    ["Fecha de fin de contrato", "", "31/01/2026"],
    ["Fecha de salida", "", "31/01/2026"],
    ["Data di uscita", "", "31/01/2026"],
    ["Data fine rapporto", "", "31/01/2026"],
    ["Laatste werkdag", "", "31-01-2026"],
    ["Datum uit dienst", "", "31-01-2026"],
    ["Uit dienst", "nee", "ja"],
    ["Data zakończenia umowy", "", "31.01.2026"],
    ["Ostatni dzień pracy", "", "31.01.2026"],
    ["Data de saída", "", "31/01/2026"],
    ["Active (Y/N)", "Y", "N"],
    ["Cuenta bloqueada", "no", "sí"],
    ["Konto aktywne", "tak", "nie"],
    ["state", "ACTIVATED", "SUSPENDED"],
    ["Status", "\u200bActive", "Terminated"],
    ["account status", "enabled", "Deprovisioned"],
    ["Employment Status", "ACTIVE", "Terminated"],
    ["State", "active", "offboarded"],
    ["Lifecycle State", "Active", "Left"],
    ["Block credential", "False", "True"],
    ["Aktiv", "ja", "nein"],
    ["Kontostatus", "aktiv", "gesperrt"],
    ["Statut du compte", "actif", "désactivé"],
    ["Estado de la cuenta", "Activo", "Suspendido"],
    ["Ativo", "sim", "não"],
    ["Status konta", "aktywny", "zablokowany"],
    ["在籍", "はい", "いいえ"],
  ];
  test.each(read)("%j is read, and who is active by it is left alone", async (header, active, suspended) => {
    const { manager, person } = await anAccount();
    const csv = `Email,${header}\nstays@example.com,${active}\ngone@example.com,${suspended}`;
    const report = await auditAccess(manager, { csv, fix: true });
    expect(inShort(report)).toEqual(["stays ACTIVE", "gone SUSPENDED"]);
    expect(report.columns).toEqual({ email: "Email", states: [header], unread: [] });
    expect([person("stays@example.com").state, person("gone@example.com").state]).toEqual([
      "ACTIVE",
      "SUSPENDED",
    ]);
  });

  test("hold states in many words; one that is neither is drift, and never a line that is dropped", async () => {
    const { manager, writes } = await anAccount();
    const gone =
      "Terminated,deprovisioned,DEACTIVATED,Offboarded,left,Leaver,blocked,archived,inactive,disabled,TRANSFER_SUSPENDED";
    for (const word of gone.split(",")) {
      const report = await auditAccess(manager, { csv: `email,status\ngone@example.com,${word}` });
      expect([word, inShort(report)]).toEqual([word, ["gone SUSPENDED"]]);
    }
    for (const word of ["Staged", "pending", "LOCKED OUT", "On leave", "Zombie"]) {
      const csv = `email,status\ngone@example.com,${word}\nstays@example.com,active`;
      const report = await auditAccess(manager, { csv, state: "SUSPENDED", fix: true });
      expect(inShort(report)[0]).toContain("is no state that is known");
      expect(report).toMatchObject({ drift: 1, counts: { malformed: 1 } });
    }
    expect(writes()).toEqual([]);
  });

  const unread = [
    "VPN:active",
    "Account flavour status:x",
    "Employed here:yes",
    "Suspended by admin:no",
    "userAccountControl:512",
    "Befristet bis:31.12.2199",
    "In Active:no",
    "De Activated:no",
    "Last Login Day:2024-01-31",
    "Last day of access:2024-01-31",
    "ID Expiry Date:2024-01-31",
    "Credential expires:2024-01-31",
    "Stav:Ukončen",
    "Status:Zombie",
    "State:Texas",
  ];
  test.each(unread)("%s could be one, is named in the report, and refuses fix", async (column) => {
    const [header = "", cell = ""] = column.split(":");
    const { manager, sandbox, writes } = await anAccount();
    const csv = `Email,${header}\nstays@example.com,${cell}`;
    const error = await toolsetErrorOf(auditAccess(manager, { csv, state: "SUSPENDED", fix: true }));
    expect(error.text).toContain(`cannot be understood: ${JSON.stringify(header)}`);
    expect(error.text).toContain('{"columns": {"ignore"');
    expect(sandbox.requests).toEqual([]);
    const report = await auditAccess(manager, { csv });
    expect(report.columns).toEqual({ email: "Email", states: [], unread: [header] });
    expect(report.obstacles).toHaveLength(1);
    expect(writes()).toEqual([]);
  });

  const others = [
    "MFA status:Enabled",
    "2sv enrolled:True",
    "isEnforcedIn2Sv:False",
    "Licence status:Active",
    "invitationState:Accepted",
    "Marital Status:Single",
    "Mailing State:CA",
    "State:TX",
    "Work State:NSW",
    "Directory synced:yes",
    "isAdmin:False",
    "Probation End Date:2024-01-31",
    "Passport expires:2024-01-31",
    "Department:Sales",
    "usageLocation:NO",
    "New Status [UPLOAD ONLY]:",
  ];
  test.each(others)("%s is none", async (column) => {
    const [header = "", cell = ""] = column.split(":");
    const { manager } = await anAccount();
    const csv = `Email,${header}\ngone@example.com,${cell}`;
    const { columns } = await auditAccess(manager, { csv });
    expect(columns).toEqual({ email: "Email", states: [], unread: [] });
    const fixed = await auditAccess(manager, { csv, state: "SUSPENDED", fix: true });
    expect(fixed.fixes?.changed).toBe(1);
  });

  test("a leave is a state of its own, and no leave says nothing", async () => {
    const { manager } = await anAccount();
    const csv =
      "Email,Worker Status,On Leave\nstays@example.com,Active,No\nboss@example.com,Active,Yes\ngone@example.com,Terminated,No";
    const report = await auditAccess(manager, { csv, fix: true });
    expect(inShort(report)).toEqual([
      "stays ACTIVE",
      '"Yes" in the column "On Leave" is no state that is known',
      "gone SUSPENDED",
    ]);
  });

  test("a state beside a city is that of an address", async () => {
    const { manager } = await anAccount();
    const { columns } = await auditAccess(manager, {
      csv: "Email,City,State\ngone@example.com,Austin,Texas",
    });
    expect(columns).toEqual({ email: "Email", states: [], unread: [] });
  });

  test("that say different things of somebody leave them alone", async () => {
    const { manager, writes } = await anAccount();
    const csv =
      "Email,Status,Deactivated,archived\nstays@example.com,Active,Yes,False\ngone@example.com,Suspended,Yes,False";
    const report = await auditAccess(manager, { csv, fix: true });
    expect(inShort(report)).toEqual([
      'it is SUSPENDED by the column "Deactivated", and ACTIVE by "Status"',
      "gone SUSPENDED",
    ]);
    expect(report.drift).toBe(2);
    expect(writes()).toHaveLength(1);
  });

  test("a day that has not passed everywhere is none on which somebody has left", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-03-04T10:00:00Z") });
    const { manager } = await anAccount();
    const days = {
      "2026-03-02": "SUSPENDED",
      "2026-03-03": "ACTIVE",
      "05.03.2026": "ACTIVE",
      "03/02/2026": "SUSPENDED",
      "2/28/2026 5:30:00 PM": "SUSPENDED",
      "Mar 1, 2026": "SUSPENDED",
      "04/02/2026": "unread",
      "1601-01-01": "unread",
      "2026-02-30": "unread",
      soon: "unread",
    };
    const lines = Object.keys(days).map((day, index) => `${index}@example.com,"${day}"`);
    const { rows } = await auditAccess(manager, { csv: ["Email,Termination Date", ...lines].join("\n") });
    expect(rows.map(({ expected }) => expected ?? "unread")).toEqual(Object.values(days));
  });

  test("nobody is given access back by a blank cell", async () => {
    const { manager, person, writes } = await anAccount();
    person("stays@example.com").state = "SUSPENDED";
    const csv = "Email,Termination Date\nstays@example.com,\ngone@example.com,2026-01-31";
    const { rows } = await auditAccess(manager, { csv, fix: { suspend: true, reactivate: true } });
    expect(rows.map(({ fix }) => fix?.outcome)).toEqual(["not_asked", "changed"]);
    expect(writes()).toHaveLength(1);
  });

  test.each([
    ["a list of emails", { emails: ["gone@example.com"] }],
    ["bare emails as text", { csv: "gone@example.com\nstays@example.com" }],
    ["a file without a column of states", { csv: "Email,Name\ngone@example.com,G" }],
  ])("where there is none, as in %s, fix says that a state is missing", async (_what, list) => {
    const { manager, sandbox } = await anAccount();
    const error = await toolsetErrorOf(auditAccess(manager, { ...(list as { csv: string }), fix: true }));
    expect(error).toMatchObject({ code: "invalid_argument" });
    expect(error.text).toMatch(/"state" is missing\. Nothing was sent\. Next: give "state" with "fix"/);
    expect(sandbox.requests).toEqual([]);
  });

  test("a line whose state is not known makes another line of the same person contradictory", async () => {
    const { manager, writes } = await anAccount();
    const csv = "Email,Status\ngone@example.com,pending\nGONE@example.com,terminated";
    const { rows } = await auditAccess(manager, { csv, fix: true });
    expect(rows.map(({ finding }) => finding)).toEqual(["malformed", "contradictory"]);
    expect(writes()).toEqual([]);
  });
});

describe("lines above and between", () => {
  const files: [what: string, csv: string, line: number][] = [
    ["Excel's separator", "sep=;\r\nEmail;Name\r\ngone@example.com;G", 3],
    ["a separator with others in its fields", 'sep=|\nEmail|Name\ngone@example.com|"a;b;c"', 3],
    [
      "PowerShell's type",
      '#TYPE System.Management.User\r\n"UserPrincipalName","Name"\r\n"gone@example.com","G"',
      3,
    ],
    ["a title", "Terminated Workers\n\nWorker,Email - Primary Work\nG,gone@example.com", 4],
    ["a title that speaks of emails", "Email report,,\nName,Email,Team\nG,gone@example.com,IT", 3],
  ];
  test.each(files)("%s is passed over, and lines keep their numbers", async (_what, csv, line) => {
    const { manager } = await anAccount();
    const { rows } = await auditAccess(manager, { csv });
    expect(rows).toMatchObject([{ line, given: "gone@example.com", finding: "other_state" }]);
  });

  const refused: [what: string, csv: string, words: RegExp][] = [
    [
      "a line of several fields",
      "Employee,,Manager,\nName,Email,Name,Mail\nG,gone@example.com,B,boss@example.com",
      /on line 1 "Employee \| \| Manager/,
    ],
    [
      "a heading over a column",
      ",Manager\nName,Email\nB,boss@example.com",
      /above what looks like its header on line 2/,
    ],
    ["UTF-16 with its mark", "\ufffd\ufffdE\0m\0a\0i\0l\0", /looks like UTF-16/],
    [
      "UTF-16 without one",
      Buffer.from("Email\r\ngone@example.com", "utf16le").toString("latin1"),
      /looks like UTF-16/,
    ],
    ["UTF-16 the other way round", "\ufffe\u4500", /looks like UTF-16/],
    ["a separator that is not read", "sep=#\nEmail#Name", /separated by "#"/],
  ];
  test.each(refused)("%s is refused by name", async (_what, csv, words) => {
    const { manager, sandbox } = await anAccount();
    const error = await toolsetErrorOf(auditAccess(manager, { csv }));
    expect(error).toMatchObject({ code: "invalid_argument" });
    expect(error.text).toMatch(words);
    expect(sandbox.requests).toEqual([]);
  });

  test.each([
    ["a line among bare emails", "gone@example.com\nManagers:\nboss@example.com"],
    ["a first line that cannot be read", "Managers: <x@y> <z@w>\nboss@example.com"],
    ["a second header", "Email,Name\ngone@example.com,G\nWork email,Name\nboss@example.com,B"],
    [
      "a heading among rows",
      "Email,Name\nActive employees,\ngone@example.com,G\nTerminated\nboss@example.com,B",
    ],
    ["a heading right above the emails", "Manager,\nEmail,Name\nboss@example.com,B"],
  ])("%s could say whose the emails are, and refuses fix", async (_what, csv) => {
    const { manager, sandbox } = await anAccount();
    const error = await toolsetErrorOf(auditAccess(manager, { csv, state: "SUSPENDED", fix: true }));
    expect(error.text).toContain("so nobody is changed by it");
    expect(sandbox.requests).toEqual([]);
    expect((await auditAccess(manager, { csv })).obstacles).toHaveLength(1);
  });
});

test("a text of many columns and many more lines is refused in time", async () => {
  const { manager } = await anAccount();
  const csv = `${"active status of the account,".repeat(900)}Email\n${"a\n".repeat(400_000)}`;
  const begun = performance.now();
  const error = await toolsetErrorOf(auditAccess(manager, { csv }));
  expect(error.text).toContain("has 400000 lines, and one call takes at most 10000. Nothing was sent.");
  expect(performance.now() - begun).toBeLessThan(5000);
});

test("the tool's text says which columns were read as what, and what stands against fix", async () => {
  const { call } = await anAccount();
  const { text } = await call("audit", { csv: "Work Email,Suspended,VPN\ngone@example.com,yes,Active" });
  expect(text).toContain('Read as email: "Work Email"; as state: "Suspended". Not read: "VPN".');
  expect(text).toContain('With fix it would be refused: "csv" has a column that could say which state');
});

const words = [
  "Manager",
  "sender",
  "private",
  "Vorgesetzter",
  "jefe",
  "responsable",
  "approver",
  "上司",
  "zzz",
  "hr",
];
const cells = fc.constantFrom(
  "True",
  "False",
  "active",
  "Suspended",
  "x",
  "",
  "TX",
  "7",
  "2026-01-31",
  "n/a",
  "pending",
);

test("whatever the columns are called, and in whichever order, fix changes only whom the file says plainly", async () => {
  const sandbox = await startSandbox({ users });
  const manager = new ToolManager({ ...sandbox });
  const foreignEmail = fc
    .tuple(fc.constantFrom(...words), fc.constantFrom("Email", "e-mail", "メール"))
    .map((parts) => parts.join(" "));
  const unknown = fc.string({ unit: "grapheme", maxLength: 12 });
  const other = fc.record({ header: fc.oneof(foreignEmail, unknown), cells: fc.tuple(cells, cells) });
  let changes = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(other, { maxLength: 4 }),
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 0, max: 10 }),
      async (columns, hasEmail, hasState, turn) => {
        for (const user of sandbox.users) user.state = "ACTIVE";
        const all = [
          ...columns.map(({ header, cells: some }) => [header, ...some]),
          ...(hasEmail
            ? [["Work Email", "stays@example.com", "gone@example.com"]]
            : [["Boss email", "boss@example.com", "boss@example.com"]]),
          ...(hasState ? [["Suspended", "No", "Yes"]] : []),
        ];
        const shuffled = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)];
        const csv = [0, 1, 2]
          .map((line) =>
            shuffled.map((column) => `"${(column[line] ?? "").replaceAll('"', '""')}"`).join(","),
          )
          .join("\n");
        const report = await auditAccess(manager, { csv, fix: true }).catch((error: unknown) => {
          expect(error).toMatchObject({ code: "invalid_argument" });
        });
        const suspended = sandbox.users
          .filter(({ state }) => state === "SUSPENDED")
          .map(({ email }) => email);
        if (suspended.length > 0) {
          changes += 1;
          expect([hasEmail, suspended]).toEqual([true, ["gone@example.com"]]);
          expect(report?.columns?.unread).toEqual([]);
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(changes).toBeGreaterThan(5);
  await manager.close();
  await sandbox.close();
}, 60_000);
