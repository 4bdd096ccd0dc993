const examples: Readonly<Record<string, string>> = {
  "create-agent": "an agent by createAgent offboards somebody",
  "state-graph": "a StateGraph with a ToolNode suspends somebody, and reactivates them on the same thread",
  "bind-tools": "plain bindTools, in a loop of one's own",
  "truto-sample": "the sample that Truto published, on the classic AgentExecutor",
  backoff: "many reads at once, paced by backoff, the waits shown in the stream",
  approval: "a change that waits for a yes, by an interrupt: once rejected, once approved",
  "approval-middleware": "the same by humanInTheLoopMiddleware",
  "approval-terminal": "the same by a prompt at this terminal",
  guards: "what the guards make of five writes, and the record of it",
  "read-only": "reads only: how many users there are, and a write that does not exist",
  "audit-access": "a list of leavers is checked and put right, with one live line of progress",
  "offboarding-graph": "a graph that waits for an approval, and for days, without a process",
  "mcp-server": "the tools as an MCP server, whose client's user is asked before a change",
  "vercel-ai-sdk": "the tools in the Vercel AI SDK, where every write needs an approval",
};

/** Runs one example by its name, or lists them. */
async function run(asked: string | undefined): Promise<void> {
  if (asked !== undefined && Object.hasOwn(examples, asked)) {
    const { main } = (await import(`./${asked}.js`)) as { main: () => Promise<void> };
    return main();
  }
  if (asked !== undefined) {
    console.error(`There is no example "${asked}".`);
    process.exitCode = 1;
  }
  console.log("npm run example -- NAME, where NAME is one of:\n");
  for (const [name, about] of Object.entries(examples)) console.log(`  ${name.padEnd(21)}${about}`);
}

await run(process.argv[2]);

export {};
