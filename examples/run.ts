const examples: Readonly<Record<string, string>> = {
  "create-agent": "an agent by createAgent offboards somebody",
  "state-graph": "a StateGraph with a ToolNode suspends somebody, and reactivates them on the same thread",
  "bind-tools": "plain bindTools, in a loop of one's own",
  "truto-sample": "the sample that Truto published, on the classic AgentExecutor",
  backoff: "many reads at once, paced by backoff, the waits shown in the stream",
  "read-only": "reads only: how many users there are, and a write that does not exist",
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
  for (const [name, about] of Object.entries(examples)) console.log(`  ${name.padEnd(15)}${about}`);
}

await run(process.argv[2]);

export {};
