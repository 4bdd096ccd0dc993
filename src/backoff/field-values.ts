/**
 * The parts of a header field between separators, those inside of quoted strings aside. A quote that is not closed
 * reaches to the end.
 *
 * @param separator - one character
 */
export function splitOutsideQuotes(field: string, separator: string): string[] {
  const parts: string[] = [];
  let begin = 0;
  let isQuoted = false;
  for (let at = 0; at < field.length; at += 1) {
    const character = field[at];
    if (character === "\\" && isQuoted) at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      parts.push(field.slice(begin, at));
      begin = at + 1;
    }
  }
  parts.push(field.slice(begin));
  return parts;
}

/** A structured list as it was meant: without empty members, and without semicolons that no parameter follows. */
export function withoutStraySeparators(field: string): string {
  return splitOutsideQuotes(field, ",")
    .map((member) => meant(splitOutsideQuotes(member, ";")).join(";"))
    .filter((member) => member !== "")
    .join(", ");
}

function meant(parts: readonly string[]): string[] {
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}
