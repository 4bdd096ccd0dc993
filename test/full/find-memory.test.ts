import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { ToolManager, usersApi, type Layer } from "langchain-1password";
import { useSandbox } from "../support/sandbox.js";

test("a search through 15,000 people holds no more than a page of them", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const heap: number[] = [];
  const watch: Layer = (next) => (request) => {
    const emit: typeof request.context.emit = (event) => {
      if (event.type !== "page") return;
      collect();
      heap.push(process.memoryUsage().heapUsed);
    };
    return next({ ...request, context: { ...request.context, emit } });
  };
  const sandbox = await useSandbox({ users: 15_000 });
  const find = await new ToolManager({ source: usersApi({ ...sandbox }), layers: [watch] }).getTool(
    "find_1_password_users",
  );
  await find.invoke({ email: "nobody@example.com" });
  heap.length = 0;
  await find.invoke({ email: "nobody@example.com" });
  expect(heap).toHaveLength(15);
  // Fourteen pages kept would be some ten megabytes.
  expect(heap.at(-1)! - heap[1]!).toBeLessThan(1_500_000);
});
