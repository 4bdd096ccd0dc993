import * as toolset from "langchain-1password";
import * as sandboxes from "langchain-1password/sandbox";
import { offboard } from "./scenario.mjs";

await offboard(toolset, sandboxes);
