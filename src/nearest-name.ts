/** The longest name that is compared: longer ones are no slip of a key. */
const maxNameLength = 40;

/**
 * The known name that a misspelt one most likely stands for: the same but for case and separators, or a few letters
 * away; `undefined` where none is near.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > maxNameLength) return undefined;
  const plain = plainName(name);
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(plain, plainName(candidate)) }))
    .sort((one, other) => one.distance - other.distance);
  const [best] = ranked;
  const most = Math.min(2, Math.floor(name.length / 3));
  return best !== undefined && best.distance <= most ? best.candidate : undefined;
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, "");
}

/** How many letters have to be added, left out, replaced or exchanged with their neighbour. */
function editDistance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const replaced = at(rows, i - 1, j - 1) + (one[i - 1] === other[j - 1] ? 0 : 1);
      const isExchange = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const exchanged = isExchange ? at(rows, i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(at(rows, i - 1, j) + 1, (row[j - 1] ?? Infinity) + 1, replaced, exchanged));
    }
    rows.push(row);
  }
  return at(rows, one.length, other.length);
}

function at(rows: readonly (readonly number[])[], row: number, column: number): number {
  return rows[row]?.[column] ?? Infinity;
}
