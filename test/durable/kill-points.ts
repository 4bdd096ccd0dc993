/** Where in the change of one person a process is killed. */
export const killPoints = [
  "before-read",
  "before-intent",
  "mid-intent",
  "after-intent",
  "before-send",
  "after-send",
  "after-headers",
  "half-answer",
  "after-answer",
  "before-outcome",
  "mid-outcome",
  "after-outcome",
] as const;

export type KillPoint = (typeof killPoints)[number];

/** Whether a request suspends somebody. */
export function startsSuspension(input: Parameters<typeof fetch>[0]): boolean {
  return (input instanceof Request ? input.url : String(input)).endsWith(":suspend");
}
