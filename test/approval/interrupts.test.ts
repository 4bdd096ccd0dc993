import type { BaseMessage } from "@langchain/core/messages";
import { Command, interrupt, MemorySaver, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import {
  askByInterrupt,
  ToolManager,
  truto,
  usersApi,
  type ApprovalRequest,
  type ToolsetTool,
} from "langchain-1password";
import type { Sandbox } from "langchain-1password/sandbox";
import { useSandbox } from "../support/sandbox.js";
import { ScriptedModel } from "../support/scripted-model.js";

interface Interrupted {
  messages: BaseMessage[];
  __interrupt__?: { id: string; value: ApprovalRequest }[];
}

interface Host {
  invoke(input: unknown, config: object): Promise<Interrupted>;
  getStateHistory?(config: object): AsyncIterable<{ config: object; tasks: { interrupts: unknown[] }[] }>;
}

const hosts: Record<
  string,
  (model: ScriptedModel, tools: ToolsetTool[], checkpointer?: MemorySaver) => Host
> = {
  "StateGraph with ToolNode": (model, tools, checkpointer) =>
    new StateGraph(MessagesAnnotation)
      .addNode("model", async ({ messages }) => ({
        messages: [await model.bindTools(tools).invoke(messages)],
      }))
      .addNode("tools", new ToolNode(tools))
      .addEdge(START, "model")
      .addConditionalEdges("model", toolsCondition, ["tools", "__end__"])
      .addEdge("tools", "model")
      .compile(checkpointer === undefined ? {} : { checkpointer }),
  createAgent: (model, tools, checkpointer) =>
    createAgent({ model, tools, ...(checkpointer === undefined ? {} : { checkpointer }) }) as unknown as Host,
};

const sources = {
  "the Users API": (sandbox: Sandbox) => usersApi({ ...sandbox }),
  Truto: ({ baseUrl, trutoApiKey: apiKey, integratedAccountId }: Sandbox) =>
    truto({ apiKey, integratedAccountId, baseUrl }),
};

const cases = Object.keys(hosts).flatMap((host) =>
  (Object.keys(sources) as (keyof typeof sources)[]).map((source) => [host, source] as const),
);

async function threeWrites(host: string, source: keyof typeof sources, { checkpoints = true } = {}) {
  const warnings: { message: string; cause: unknown }[] = [];
  const sandbox = await useSandbox();
  const people = sandbox.users
    .filter(({ role, state }) => role === "member" && state === "ACTIVE")
    .slice(0, 3);
  const asked = new Map<string, ApprovalRequest>();
  const ask = askByInterrupt(interrupt);
  const manager = new ToolManager({
    source: sources[source](sandbox),
    onWarning: (message, details) => void warnings.push({ message, cause: details?.cause }),
    approval: {
      ask: (request, context) => {
        asked.set(request.person!.id, request);
        return ask(request, context);
      },
    },
  });
  const tools = await manager.getTools();
  const model = new ScriptedModel({
    reply: ({ messages }) =>
      messages.at(-1)?.role === "tool"
        ? { text: "Done." }
        : { toolCalls: people.map(({ id }) => ({ name: "1_password_users_suspend", args: { id } })) },
  });
  const app = hosts[host]!(model, tools, checkpoints ? new MemorySaver() : undefined);
  const thread = { configurable: { thread_id: "offboarding" } };
  return {
    app,
    thread,
    people,
    asked,
    warnings,
    states: () => people.map(({ state }) => state[0]).join(""),
    posts: () =>
      sandbox.requests.filter(({ method, path }) => method === "POST" && path.includes("suspend")).length,
    start: () => app.invoke({ messages: [{ role: "user", content: "They have left." }] }, thread),
    /** Answers the request for one of them, to whichever interrupt is shown for it. */
    answer: (shown: Interrupted, index: number, decision: "approve" | "reject" = "approve") => {
      const request = asked.get(people[index]!.id)!;
      const answer = { decision, requestId: request.id, approver: "lead@example.com" };
      const own = shown.__interrupt__?.find(({ value }) => value.person?.id === people[index]!.id);
      // Several tasks, each with its own interrupt: the answer goes to one of them.
      const resume =
        (shown.__interrupt__?.length ?? 0) > 1 && own !== undefined ? { [own.id]: answer } : answer;
      return app.invoke(new Command({ resume }), thread);
    },
  };
}

describe.each(cases)("three writes at once, in %s, through %s", (host, source) => {
  test("wait for three answers, and each answer reaches its own person and nobody else", async () => {
    const { start, answer, states, posts } = await threeWrites(host, source);
    const first = await start();
    expect(first.__interrupt__?.length).toBeGreaterThan(0);
    expect([states(), posts()]).toEqual(["AAA", 0]);
    const second = await answer(first, 1);
    expect([states(), posts()]).toEqual(["ASA", 1]);
    const third = await answer(second, 0);
    expect([states(), posts()]).toEqual(["SSA", 2]);
    const last = await answer(third, 2);
    expect([states(), posts()]).toEqual(["SSS", 3]);
    const texts = last.messages.filter(({ type }) => type === "tool").map(({ text }) => text);
    expect(texts).toHaveLength(3);
    for (const text of texts)
      expect(text).toMatch(/"previous_state":"ACTIVE","state":"SUSPENDED","changed":true/);
    expect(last.messages.at(-1)?.text).toBe("Done.");
  });

  test("a no to one of them leaves the others to their own answers", async () => {
    const { start, answer, states, posts } = await threeWrites(host, source);
    const second = await answer(await start(), 1, "reject");
    expect([states(), posts()]).toEqual(["AAA", 0]);
    const last = await answer(await answer(second, 2), 0);
    expect([states(), posts()]).toEqual(["SAS", 2]);
    const texts = last.messages.filter(({ type }) => type === "tool").map(({ text }) => text);
    expect(texts[1]).toMatch(/lead@example\.com said no.*"code":"(approval_rejected|repeated)"/s);
  });

  test("a plain true is a yes to none of them, and each is asked again", async () => {
    const { app, start, answer, thread, states, posts, warnings } = await threeWrites(host, source);
    await start();
    let shown = await app.invoke(new Command({ resume: true }), thread);
    for (let turn = 0; turn < 3 && shown.__interrupt__ !== undefined; turn += 1) {
      shown = await app.invoke(new Command({ resume: true }), thread);
    }
    expect([states(), posts()]).toEqual(["AAA", 0]);
    expect(warnings.map(({ message }) => message).join()).toMatch(
      /Resume with \{ decision:.*It is asked again\./,
    );
    for (const index of [0, 1, 2]) shown = await answer(shown, index);
    expect([states(), posts()]).toEqual(["SSS", 3]);
  });

  test("a forked checkpoint cannot use a yes again", async () => {
    const { app, start, answer, thread, asked, people, states, posts } = await threeWrites(host, source);
    let shown = await start();
    const checkpoints: { config: object }[] = [];
    for await (const state of app.getStateHistory?.(thread) ?? graphOf(app).getStateHistory(thread)) {
      if (state.tasks.some(({ interrupts }) => interrupts.length > 0)) checkpoints.push(state);
    }
    for (const index of [0, 1, 2]) shown = await answer(shown, index);
    expect([states(), posts()]).toEqual(["SSS", 3]);
    for (const person of people) person.state = "ACTIVE";
    const resume = { decision: "approve", requestId: asked.get(people[0]!.id)!.id };
    await app.invoke(new Command({ resume }), checkpoints[0]!.config).catch(() => undefined);
    expect([states(), posts()]).toEqual(["AAA", 3]);
  });

  test("without a checkpointer nothing is written, and only the operator hears why", async () => {
    const { start, states, posts, warnings } = await threeWrites(host, source, { checkpoints: false });
    const { messages } = await start();
    expect([states(), posts()]).toEqual(["AAA", 0]);
    expect(messages.filter(({ type }) => type === "tool").map(({ text }) => text)).toEqual(
      Array.from(
        { length: 3 },
        () => expect.stringMatching(/asking failed, and the operator.*"approval_unavailable"/s) as string,
      ),
    );
    expect(String(warnings[0]?.cause)).toMatch(/No checkpointer set/);
  });
});

/** `createAgent`'s own graph, which has the history. */
function graphOf(app: Host): Required<Host> {
  return (app as unknown as { graph: Required<Host> }).graph;
}
