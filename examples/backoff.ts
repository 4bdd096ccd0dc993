import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { ToolManager, type ToolsetEvent } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";

const GraphState = Annotation.Root({ ids: Annotation<string[]>, people: Annotation<string[]> });

/** Many reads at once against a rate limit: backoff paces them, and each wait shows in the stream as it begins. */
export async function main(): Promise<void> {
  const rateLimit = { limit: 6, windowMs: 1000, headers: "draft-6" } as const;
  await using sandbox = await startSandbox({ users: 100, rateLimit });
  await using manager = new ToolManager({ ...sandbox, backoff: true });
  const get = await manager.getTool("get_single_1_password_user_by_id");

  const graph = new StateGraph(GraphState)
    .addNode("read", async ({ ids }, config) => ({
      // The config carries the stream: without it, nothing of what happens in the tool is shown.
      people: (await Promise.all(ids.map((id) => get.invoke({ id }, config)))) as string[],
    }))
    .addEdge(START, "read")
    .addEdge("read", END)
    .compile();

  const ids = sandbox.users.slice(0, 15).map(({ id }) => id);
  console.log(`${ids.length} reads at once, where ${rateLimit.limit} a second are allowed:`);
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`.padStart(7);
  for await (const [mode, chunk] of await graph.stream({ ids }, { streamMode: ["custom", "values"] })) {
    if (mode === "custom") {
      const event = chunk as ToolsetEvent;
      if (event.type !== "wait") continue;
      const why = event.reason === "queued" ? "in line" : event.reason;
      console.log(`${seconds()}  a read waits ${(event.waitMs / 1000).toFixed(1)} s (${why})`);
    } else if ("people" in chunk) {
      console.log(`${seconds()}  all ${chunk.people.length} people are read`);
    }
  }
  const refused = sandbox.requests.filter(({ status }) => status === 429).length;
  console.log(`${sandbox.requests.length} requests arrived, and ${refused} of them were refused with 429.`);
}
