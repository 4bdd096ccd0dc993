const toolset = require("langchain-1password");
const sandboxes = require("langchain-1password/sandbox");
const mcp = require("langchain-1password/mcp");
const files = require("langchain-1password/node");

void import("./scenario.mjs").then(async ({ keepFiles, offboard, serveMcp }) => {
  await offboard(toolset, sandboxes);
  await keepFiles(toolset, files);
  await serveMcp(toolset, sandboxes, mcp);
});
