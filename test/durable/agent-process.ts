import { Command, interrupt, INTERRUPT, type Interrupt } from "@langchain/langgraph";
import { createAgent } from "langchain";
import {
  askByInterrupt,
  ToolManager,
  type ApprovalAnswer,
  type ApprovalRequest,
  type UsersApiOptions,
} from "langchain-1password";
import { fileApprovalStore } from "langchain-1password/node";
import { openCheckpoints } from "../../examples/offboarding-graph/checkpoints.js";
import { ScriptedModel } from "../support/scripted-model.js";

/** What this process is told as its only argument, as JSON. */
export interface AgentStep {
  readonly account: Pick<UsersApiOptions, "baseUrl" | "accountId" | "clientId" | "clientSecret">;
  /** Signs approvals: the same in every process. */
  readonly key: string;
  /** For used approvals, and for checkpoints where there is no database. */
  readonly folder: string;
  readonly databaseUrl: string | undefined;
  readonly thread: string;
  /** Where the thread goes on from, if not from its end. */
  readonly checkpoint?: string;
  /** Whom the model suspends. */
  readonly id: string;
  readonly answer?: ApprovalAnswer;
}

/** What it prints at its end, as JSON. */
export interface AgentStepEnd {
  /** What it stopped with. */
  readonly request: ApprovalRequest | null;
  /** Where the thread stands then. */
  readonly checkpoint: string;
  /** What the model read, or said, last. */
  readonly text: string;
}

/** An agent that suspends somebody, and tells what came of it. */
async function takeStep(step: AgentStep): Promise<AgentStepEnd> {
  const { account, key, folder, thread, checkpoint, id, answer } = step;
  await using manager = new ToolManager({
    ...account,
    approval: { ask: askByInterrupt(interrupt), key, store: fileApprovalStore(`${folder}/approvals`) },
  });
  const suspend = await manager.getTool("1_password_users_suspend");
  const model = new ScriptedModel({
    reply: ({ messages }) => {
      const last = messages.at(-1);
      return last?.role === "tool"
        ? { text: last.text }
        : { toolCalls: [{ name: suspend.name, args: { id } }] };
    },
  });
  const { checkpointer, close } = await openCheckpoints(step);
  try {
    const agent = createAgent({ model, tools: [suspend], checkpointer });
    const config = {
      configurable: {
        thread_id: thread,
        ...(checkpoint === undefined ? {} : { checkpoint_id: checkpoint }),
      },
    };
    const end = await agent.invoke(
      answer === undefined
        ? { messages: [{ role: "user", content: "Suspend them." }] }
        : new Command({ resume: answer }),
      config,
    );
    const [stop] = (end as { [INTERRUPT]?: Interrupt<ApprovalRequest>[] })[INTERRUPT] ?? [];
    const state = await agent.graph.getState({ configurable: { thread_id: thread } });
    return {
      request: stop?.value ?? null,
      checkpoint: (state.config.configurable as { checkpoint_id: string }).checkpoint_id,
      text: end.messages.at(-1)?.text ?? "",
    };
  } finally {
    await close();
  }
}

process.stdout.write(JSON.stringify(await takeStep(JSON.parse(process.argv[2] ?? "{}") as AgentStep)));
