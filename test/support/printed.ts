import { onTestFinished, vi } from "vitest";

const consoleMethods = ["log", "info", "warn", "error", "debug", "trace", "dir", "table"] as const;

/** Keeps, until the test ends, whatever is printed, instead of printing it. */
export function keepPrinted(): unknown[] {
  const printed: unknown[] = [];
  const spies = [
    ...consoleMethods.map((method) =>
      vi.spyOn(console, method).mockImplementation((...what: unknown[]) => void printed.push(what)),
    ),
    ...[process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, "write").mockImplementation((chunk) => {
        printed.push(chunk);
        return true;
      }),
    ),
  ];
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return printed;
}
