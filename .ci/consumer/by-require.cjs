const toolset = require("langchain-1password");
const sandboxes = require("langchain-1password/sandbox");

void import("./scenario.mjs").then(({ offboard }) => offboard(toolset, sandboxes));
