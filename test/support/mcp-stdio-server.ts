import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { ToolManager, usersApi, type UsersApiOptions } from "langchain-1password";
import { createMcpServer, type McpOptions } from "langchain-1password/mcp";

/** What the test says of the server that this process is. */
export interface StdioServer {
  /** Where the test's sandbox is. */
  account: UsersApiOptions;
  options: McpOptions;
}

const { account, options } = JSON.parse(process.argv[2]!) as StdioServer;
const manager = new ToolManager({ source: usersApi(account), backoff: true });
await createMcpServer(manager, options).connect(new StdioServerTransport());
