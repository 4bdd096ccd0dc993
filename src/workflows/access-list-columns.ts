/** Where the fields of a CSV text's lines are. */
export interface AccessColumns {
  readonly email: number;
  readonly state: number | undefined;
  /** How many columns the header names. */
  readonly width: number;
}

/** Names of a column, those first that say the most; letters only, in lower case. */
const emailNames: readonly RegExp[] = [/^(e?mails?|(e?mail)address(es)?|useremail)$/, /mail/];
const stateNames: readonly RegExp[] = [
  /^(should(be)?|(expected|wanted|desired|target|required|should)\w*(state|status))$/,
  /^(state|status)$/,
  /(state|status)$/,
];

/**
 * The columns that a header names; `undefined` for a line that is no header.
 *
 * @returns a sentence on what is unclear, where several columns could be the one
 */
export function columnsOf(header: readonly string[]): AccessColumns | string | undefined {
  if (header.some((name) => name.includes("@"))) return undefined;
  const email = columnNamed(header, emailNames);
  if (email === undefined) return undefined;
  const state = columnNamed(header, stateNames);
  if (typeof email === "string") return severalColumns("the email", email, "email");
  if (typeof state === "string")
    return severalColumns("the state that each should have", state, "expected state");
  return { email, state, width: header.length };
}

/** The position of the column that fits best, or the names of those that fit equally well. */
function columnNamed(header: readonly string[], names: readonly RegExp[]): number | string | undefined {
  // A name with a separator in it is a whole header that was read by another one.
  const letters = header.map((name) =>
    /[,;|\t]/.test(name) ? "" : name.toLowerCase().replace(/[^\p{L}]/gu, ""),
  );
  for (const pattern of names) {
    const fitting = letters.flatMap((name, index) => (pattern.test(name) ? [index] : []));
    if (fitting.length > 1) return fitting.map((index) => JSON.stringify(header[index]?.trim())).join(", ");
    if (fitting[0] !== undefined) return fitting[0];
  }
  return undefined;
}

function severalColumns(what: string, names: string, name: string): string {
  return `has several columns that could hold ${what}: ${names}. Name only the one that is meant ${JSON.stringify(name)}`;
}
