import type { Sandbox } from "langchain-1password/sandbox";

/** The status of every request to suspend somebody that has arrived; 0 where it has no answer yet. */
export function suspensionsIn({ requests }: Sandbox): number[] {
  return requests
    .filter(({ method, path }) => method === "POST" && path.endsWith(":suspend"))
    .map(({ status }) => status);
}
