import { setTimeout as sleep } from "node:timers/promises";
import { AgentExecutor, createOpenAIToolsAgent } from "@langchain/classic/agents";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { ChatOpenAI } from "@langchain/openai";
import { TrutoLangchainToolManager } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import { startOpenAILoopback } from "./support/openai-loopback.js";

/** What a tool throws, as far as the sample looks at it. */
interface ThrownByTool {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The agent of Truto's article, on the classic executor: it starts again after a rate limit, which its
 * `catch` hears of because the tools throw. It follows the article's steps; the prompt that the article pulls
 * from the hub stands here.
 *
 * @see https://truto.one/blog/connect-1password-to-ai-agents-automate-user-account-lifecycle/
 */
export async function main(): Promise<void> {
  // The article takes `ratelimit-reset` for Unix time, and this server sends that. By the IETF drafts it is
  // seconds from now, which `RateLimitError.retryAfterMs` has right either way: use that in code of your own.
  const rateLimit = { limit: 3, windowMs: 3000, headers: "epoch" } as const;
  await using sandbox = await startSandbox({ users: 250, rateLimit });
  await using openai = await startOpenAILoopback();

  // 1. Initialize the model.
  const llm = new ChatOpenAI({
    model: "gpt-4o",
    temperature: 0,
    apiKey: "none",
    configuration: { baseURL: openai.baseURL },
  });

  // 2. Fetch the tools of the connected account.
  const toolManager = new TrutoLangchainToolManager({
    apiKey: sandbox.trutoApiKey,
    baseUrl: sandbox.baseUrl,
  });
  const tools = await toolManager.getTools(sandbox.integratedAccountId, { methods: ["read", "custom"] });
  console.log(`Tools: ${tools.map(({ name }) => name).join(", ")}`);

  // 3. Bind them to an agent.
  const prompt = ChatPromptTemplate.fromMessages([
    ["system", "You are a helpful assistant"],
    ["placeholder", "{chat_history}"],
    ["human", "{input}"],
    ["placeholder", "{agent_scratchpad}"],
  ]);
  const agent = await createOpenAIToolsAgent({ llm, tools, prompt });
  const agentExecutor = new AgentExecutor({ agent, tools });

  // 4. Run it, and wait where the rate limit says so.
  const input = "m.scott@example.com has left: find them, check, suspend, confirm.";
  const maxRetries = 5;
  for (let attempt = 1; attempt <= maxRetries; attempt += 1) {
    try {
      const result = await agentExecutor.invoke({ input });
      console.log(`Attempt ${attempt}: ${String(result.output)}`);
      break;
    } catch (thrown) {
      const error = thrown as ThrownByTool;
      if (error.status === 429 && attempt < maxRetries) {
        const resetTime = Number(error.headers?.["ratelimit-reset"]);
        const waitTime = resetTime * 1000 - Date.now();
        console.log(`Attempt ${attempt}: rate limited, again in ${Math.max(0, waitTime)} ms`);
        await sleep(waitTime);
      } else {
        throw thrown;
      }
    }
  }

  const leaver = sandbox.users.find(({ email }) => email === "m.scott@example.com");
  console.log(`In the account itself, ${leaver?.email ?? ""} is ${leaver?.state ?? ""}.`);
}
