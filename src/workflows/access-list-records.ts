import Papa from "papaparse";

/** One record of a CSV text. */
export interface CsvRecord {
  readonly fields: readonly string[];
  /** The first of the text's lines that it takes up, 1 being the text's first, and how many these are. */
  readonly line: number;
  readonly height: number;
  /** What is wrong with its quotes. */
  readonly problem: string | undefined;
}

/** What says nothing, whichever separator it was read by. */
const blank = /^[\s,;|]*$/;

/** The records of a text whose lines end in `\n`, blank ones left out. */
export function recordsOf(separator: string, text: string): CsvRecord[] {
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: separator, newline: "\n" });
  const problems = new Map(errors.map(({ row, code }) => [row, code]));
  const records: CsvRecord[] = [];
  let line = 1;
  for (const [row, fields] of data.entries()) {
    const height = 1 + fields.reduce((count, field) => count + field.split("\n").length - 1, 0);
    const code = problems.get(row);
    const problem =
      code === undefined
        ? undefined
        : code === "MissingQuotes"
          ? "it opens quotes that nothing closes"
          : "it has quotes inside of a quoted field that are not doubled";
    const isBlank = problem === undefined && fields.every((field) => blank.test(field));
    if (!isBlank) records.push({ fields, line, height, problem });
    line += height;
  }
  return records;
}
