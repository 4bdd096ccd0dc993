import { DynamicStructuredTool } from "@langchain/core/tools";
import { z } from "zod";
import { createBackoff } from "../../src/backoff/backoff.js";
import { withBackoff } from "../../src/backoff/with-backoff.js";
import { directContext } from "./context.js";

/**
 * Has backoff's code loaded, which its first request does: a test whose time is played cannot wait for a file.
 */
export async function loadBackoff(): Promise<void> {
  const send = createBackoff(true)(directContext());
  await send(() => Promise.resolve({ headers: {} }), { idempotent: true });
  const fields = {
    name: "nothing",
    description: "Does nothing.",
    schema: z.object({}),
    func: async () => "",
  };
  const [tool] = withBackoff([new DynamicStructuredTool(fields)]);
  await tool!.invoke({});
}
