import { tool } from "@langchain/core/tools";
import { ToolManager, usersApi } from "langchain-1password";
import { z } from "zod";
import { someCredentials, someId } from "../support/credentials.js";
import { alternate, startOnePersonServer } from "./side-by-side.js";
import { median, type BenchTable } from "./table.js";

const blocks = 20;
const callsInBlock = 200;

/** What a call of one of our tools costs beside LangChain's own `tool()` around a bare `fetch`. */
export async function run(): Promise<BenchTable> {
  using server = await startOnePersonServer();
  const { baseUrl } = server;
  const ours = await new ToolManager({ source: usersApi({ ...someCredentials, baseUrl }) }).getTool(
    "get_single_1_password_user_by_id",
  );
  const read = async (id: string) => {
    const url = `${baseUrl}/v1/accounts/${someCredentials.accountId}/users/${id}`;
    const response = await fetch(url, { headers: { authorization: "Bearer token-1" } });
    return JSON.stringify(await response.json());
  };
  const peer = tool(async ({ id }) => read(id), {
    name: "get",
    description: "Reads a user.",
    schema: z.object({ id: z.string() }),
  });
  const contestants = {
    "bare fetch": () => read(someId),
    "LangChain's tool() around it": () => peer.invoke({ id: someId }),
    "our tool": () => ours.invoke({ id: someId }),
  };
  const times = await alternate(contestants, { blocks, callsInBlock });
  const base = median(times["LangChain's tool() around it"]);
  return {
    title: `One call of a tool, ${blocks} alternating blocks of ${callsInBlock} calls`,
    rows: Object.entries(times).map(([name, values]) => ({
      call: name,
      "ms a call": median(values).toFixed(3),
      "to LangChain's tool()": (median(values) / base).toFixed(2),
    })),
    checks: [
      { name: "our tool to LangChain's tool()", value: median(times["our tool"]) / base, limit: 1.25 },
    ],
  };
}
