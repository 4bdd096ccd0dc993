import * as toolset from "langchain-1password";
import * as sandboxes from "langchain-1password/sandbox";
import * as mcp from "langchain-1password/mcp";
import * as files from "langchain-1password/node";
import { keepFiles, offboard, serveMcp } from "./scenario.mjs";

await offboard(toolset, sandboxes);
await keepFiles(toolset, files);
await serveMcp(toolset, sandboxes, mcp);
