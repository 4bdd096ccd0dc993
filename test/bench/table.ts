/** A number that a benchmark promises to keep. */
export interface BenchCheck {
  readonly name: string;
  readonly value: number;
  /** The most that the value may be. */
  readonly limit: number;
}

/** What one benchmark found: rows to read, and the numbers it promises. */
export interface BenchTable {
  readonly title: string;
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  readonly checks: readonly BenchCheck[];
}

/** The middle one of an odd number of measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
