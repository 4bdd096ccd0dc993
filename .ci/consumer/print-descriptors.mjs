import { ToolManager } from "langchain-1password";
import { descriptorsOf } from "./descriptors.mjs";

console.log(JSON.stringify(await descriptorsOf(ToolManager)));
