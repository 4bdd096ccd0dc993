import { quoted, type ListProblem } from "./access-list.js";

/** The longest text that is read, in UTF-16 code units. */
const maxCsvLength = 1_000_000;

/** What fields are separated by. */
export const separators = [",", ";", "\t", "|"] as const;

/** A CSV text without what programs put around it, each line still where it was. */
export interface CsvText {
  readonly text: string;
  /** Where the text names its own, that one alone. */
  readonly separators: readonly string[];
}

/**
 * Takes away a byte order mark, Excel's `sep=;` and PowerShell's `#TYPE`, and gives lines one kind of end. A text that
 * was decoded wrongly is a problem: nobody in it can be found.
 *
 * @see https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/export-csv
 */
export function csvTextOf(csv: string): CsvText | ListProblem {
  if (csv.length > maxCsvLength) {
    return {
      what: `has ${csv.length} characters, and one call takes at most ${maxCsvLength}`,
      next: "Give the list in parts, or only its columns for email and state",
    };
  }
  if (csv.includes("\0") || /^(?:\ufffe|\ufffd\ufffd|\u00ff\u00fe|\u00fe\u00ff)/u.test(csv)) {
    return {
      what: "looks like UTF-16 that was read as another encoding: there are characters between its letters that no text holds",
      next: `Decode the file as UTF-16, such as readFile(path, "utf16le"), or save it as UTF-8`,
    };
  }
  const lines = csv
    .replace(/^\ufeff/u, "")
    .replace(/\r\n?/g, "\n")
    .split("\n");
  if (lines.every((line) => line.trim() === "")) {
    return { what: "is blank", next: "Give CSV text with a column of emails" };
  }
  const [only = "", ...others] = lines.filter((line) => line.trim() !== "");
  if (others.length === 0 && /^[^@,;|\t]+\.(?:csv|tsv|txt|xlsx?)\s*$/i.test(only)) {
    return {
      what: `is ${quoted(only)}, which looks like the path of a file`,
      next: "Give the text of the file, not its path",
    };
  }
  let own: string | undefined;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const separator = separatorIn(line);
    if (separator === undefined && !line.startsWith("#TYPE ")) break;
    own ??= separator;
    lines[index] = "";
  }
  if (own !== undefined && !separators.some((one) => one === own)) {
    return {
      what: `says that its fields are separated by ${quoted(own)}, which is not read`,
      next: "Separate them by a comma, a semicolon, a tab or a bar",
    };
  }
  const text = lines.join("\n");
  const possible = separators.filter((separator) => separator === "," || text.includes(separator));
  return { text, separators: own === undefined ? possible : [own] };
}

/** The separator that a line such as `sep=;` names, which Excel writes above the header. */
function separatorIn(line: string): string | undefined {
  const [found, separator] = /^"?sep=(.)/iu.exec(line.trim()) ?? [];
  const rest = found === undefined ? "" : line.trim().slice(found.length);
  return /^[\s",;|]*$/u.test(rest) ? separator : undefined;
}
