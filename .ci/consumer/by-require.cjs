const toolset = require("langchain-1password");
const sandboxes = require("langchain-1password/sandbox");
const files = require("langchain-1password/node");

void import("./scenario.mjs").then(async ({ keepFiles, offboard }) => {
  await offboard(toolset, sandboxes);
  await keepFiles(toolset, files);
});
