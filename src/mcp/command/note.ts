/** Writes lines for the operator, to standard error. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
