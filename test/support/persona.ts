import type { ToolsetTool } from "langchain-1password";

/** One call that the persona made, and the text that it got. */
export interface PersonaStep {
  tool: string;
  args: Record<string, unknown>;
  text: string;
}

/** What a persona is out for. */
export interface PersonaTask {
  email: string;
  /** The verb of the tool that ends the task. */
  verb: "suspend" | "reactivate";
}

/**
 * A reader of rules: it knows the task and does what the last text says, no more. It follows the sentence
 * `Next: call <tool> with {...}`, filling in what it knows of the person, then acts on the one id it reads.
 */
export async function readRules(
  tools: readonly ToolsetTool[],
  task: PersonaTask,
  firstText: string,
  calls: number,
): Promise<PersonaStep[]> {
  const steps: PersonaStep[] = [];
  let text = firstText;
  for (let call = 0; call < calls; call += 1) {
    const step = decide(tools, task, text);
    if (step === undefined) break;
    const tool = tools.find(({ name }) => name === step.tool)!;
    const answer = (await tool.invoke({
      type: "tool_call",
      id: `persona-${call}`,
      name: step.tool,
      args: step.args,
    })) as { content: string };
    text = answer.content;
    steps.push({ ...step, text });
  }
  return steps;
}

function decide(
  tools: readonly ToolsetTool[],
  { email, verb }: PersonaTask,
  text: string,
): { tool: string; args: Record<string, unknown> } | undefined {
  const ids = new Set(
    text
      .split("\n")
      .filter((line) => line.includes(email))
      .flatMap((line) => line.match(/\b[A-Z0-9]{26}\b/g) ?? []),
  );
  const acting = tools.find(({ descriptor }) => descriptor.method === verb)?.name;
  const isDone = text.includes(`"state":"${verb === "suspend" ? "SUSPENDED" : "ACTIVE"}"`);
  if (ids.size === 1 && acting !== undefined)
    return isDone ? undefined : { tool: acting, args: { id: [...ids][0] } };
  const next = /Next: call (\S+) with (\{.*?\})(?: |\.|,)/.exec(text);
  if (next === null || !tools.some(({ name }) => name === next[1])) return undefined;
  const args = JSON.parse(next[2]!) as Record<string, unknown>;
  for (const [name, value] of Object.entries(args)) if (value === "<the person's email>") args[name] = email;
  return { tool: next[1]!, args };
}
