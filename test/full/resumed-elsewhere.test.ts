import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test, type TestContext } from "vitest";
import type { ApprovalAnswer } from "langchain-1password";
import type { AgentStep, AgentStepEnd } from "../durable/agent-process.js";
import { suspensionsIn } from "../durable/suspensions-in.js";
import { useFolder } from "../node/temporary-folder.js";
import { usePostgres } from "../support/postgres.js";
import { useSandbox } from "../support/sandbox.js";

const execute = promisify(execFile);
const script = fileURLToPath(new URL("../durable/agent-process.ts", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));

const databases: Record<string, (context: TestContext) => Promise<string | undefined>> = {
  SQLite: () => Promise.resolve(undefined),
  Postgres: usePostgres,
};

/** An agent that suspends somebody, each of its steps in a process of its own. */
async function useAgent(databaseUrl: string | undefined) {
  const sandbox = await useSandbox({ users: 20 });
  const scott = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  const common: AgentStep = {
    account: { ...sandbox },
    key: randomBytes(32).toString("hex"),
    folder: await useFolder(),
    databaseUrl,
    thread: randomUUID(),
    id: scott.id,
  };
  const inNewProcess = async (step: Partial<AgentStep> = {}) => {
    const args = ["--import", "tsx", script, JSON.stringify({ ...common, ...step })];
    const { stdout } = await execute(process.execPath, args, { cwd: root, env: { PATH: process.env.PATH } });
    return JSON.parse(stdout) as AgentStepEnd;
  };
  return { sandbox, scott, inNewProcess };
}

function yesTo({ request }: AgentStepEnd): ApprovalAnswer {
  return { decision: "approve", requestId: request!.id, approver: "it.lead@example.com" };
}

describe.each(Object.entries(databases))("a call that was interrupted, kept by %s", (_, databaseOf) => {
  test(
    "is made once by the process that is given the yes, and never again",
    { timeout: 120_000 },
    async (context) => {
      const { sandbox, scott, inNewProcess } = await useAgent(await databaseOf(context));
      const asking = await inNewProcess();
      expect(asking.request).toMatchObject({ action: "suspend", person: { id: scott.id } });
      expect(suspensionsIn(sandbox)).toHaveLength(0);

      const answer = yesTo(asking);
      const done = await inNewProcess({ answer });
      expect(done.text).toContain('"state":"SUSPENDED"');
      expect(suspensionsIn(sandbox)).toHaveLength(1);

      // From here on, whoever sends it again would really change something.
      scott.state = "ACTIVE";
      await inNewProcess({ answer });
      expect(suspensionsIn(sandbox)).toHaveLength(1);

      const fork = await inNewProcess({ answer, checkpoint: asking.checkpoint });
      expect(fork.text).toContain("this very call was made before");
      expect(suspensionsIn(sandbox)).toHaveLength(1);
      expect(scott.state).toBe("ACTIVE");
    },
  );

  test(
    "is made once where two processes are given the yes at the same time",
    { timeout: 120_000 },
    async (context) => {
      const { sandbox, inNewProcess } = await useAgent(await databaseOf(context));
      const asking = await inNewProcess();
      const answer = yesTo(asking);
      // Whoever looks at the person meanwhile sees them active.
      sandbox.setFaults([{ operation: "suspend", do: { kind: "delay", ms: 4000, when: "before" } }]);
      await Promise.all([inNewProcess({ answer }), inNewProcess({ answer })]);
      expect(suspensionsIn(sandbox)).toHaveLength(1);
    },
  );
});
