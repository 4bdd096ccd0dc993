import * as toolset from "langchain-1password";
import * as sandboxes from "langchain-1password/sandbox";
import * as files from "langchain-1password/node";
import { keepFiles, offboard } from "./scenario.mjs";

await offboard(toolset, sandboxes);
await keepFiles(toolset, files);
