import type { Context } from "../call.js";
import type { ApprovalAnswer, ApprovalRequest, Ask } from "../layers/approval-options.js";
import { mostAskedAtOnce } from "../layers/asked-at-once.js";
import { claimedFacts } from "../layers/approval-signature.js";
import { readableByModel } from "../layers/readable-error.js";
import { InputNeeded } from "./input-needed.js";

/** What the client has been asked, and what it says that the person answered. */
export interface Elicited {
  /** The id of the request that was shown. */
  readonly requestId: string;
  readonly action: "accept" | "decline" | "cancel";
  /** What the form was filled in with, as the client gives it. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** The side of a call that its client is asked through. */
export interface Elicitation {
  /** Whether the client says that it can show a form. */
  readonly isPossible: boolean;
  /** The answer that this round brought, if any. */
  readonly answer: Elicited | undefined;
}

const made = new WeakSet<Ask>();

/** Where a call's config holds its {@link Elicitation}. */
const configKey = "onepassword_elicitation";

/** What a config has to hold so that {@link askByElicitation} finds the call's client. */
export function elicitationConfig(elicitation: Elicitation): Record<string, unknown> {
  return { [configKey]: elicitation };
}

/**
 * Asks by MCP's elicitation: the client shows a form to whoever uses it. It holds for calls that come through
 * `createMcpServer` and `createMcpHandler`; any other one is refused. What it is worth is what the client is worth,
 * for a client can answer in its user's place. The approver is the caller: where callers are authenticated, the approval
 * needs `selfApproval: true`.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation
 * @example
 * ```ts
 * // The keys and the store let another process behind the same address go on with the answer.
 * const approval = { ask: askByElicitation(), key: approvalKey, store: fileApprovalStore("/var/lib/mcp/approvals") };
 * const manager = new ToolManager({ ...credentials, identity: "required", approval });
 * const handler = createMcpHandler(manager, { methods: ["read", "write"], key: questionKey });
 * ```
 */
export function askByElicitation(): Ask {
  const ask: Ask = (request, context) => {
    const elicitation = elicitationOf(context);
    if (elicitation === undefined) {
      throw readableByModel(
        new Error("it is asked for through an MCP client, and this call did not come from one"),
      );
    }
    const { answer, isPossible } = elicitation;
    // While somebody was asked, an email may have become another person's. An answer is not handed on to whom it is
    // about, as LangGraph's are: it belongs to the caller who brought it.
    if (answer !== undefined && isAbout(answer, request))
      return { ...answerOf(answer), approver: context.actor };
    const people = request.items?.length ?? 0;
    if (people > mostAskedAtOnce) {
      throw readableByModel(
        new Error(
          `it is for ${people} people, and a form shows ${mostAskedAtOnce} at most: it has to be asked for in parts`,
        ),
      );
    }
    if (isPossible) throw new InputNeeded(request);
    throw readableByModel(
      new Error(
        "this MCP client cannot show a question to its user (it does not declare elicitation). Use one that can, or " +
          "have the server's operator approve, by --approval terminal, or make the change themselves",
      ),
    );
  };
  made.add(ask);
  return ask;
}

/** Whether an `ask` was made by {@link askByElicitation}. */
export function asksByElicitation(ask: Ask): boolean {
  return made.has(ask);
}

function elicitationOf({ config }: Context): Elicitation | undefined {
  return config.configurable?.[configKey] as Elicitation | undefined;
}

function isAbout({ requestId }: Elicited, request: ApprovalRequest): boolean {
  return claimedFacts(requestId)?.about === claimedFacts(request.id)?.about;
}

function answerOf({ requestId, action, content }: Elicited): ApprovalAnswer {
  const { approve, reason } = content;
  const why = typeof reason === "string" && reason.trim() !== "" ? { reason } : {};
  if (action === "decline") return { decision: "reject", requestId, ...why };
  if (action !== "accept") throw readableByModel(new Error("the question was dismissed without an answer"));
  if (typeof approve !== "boolean")
    throw readableByModel(new Error('the form came back without a yes or no in "approve"'));
  return { decision: approve ? "approve" : "reject", requestId, ...why };
}
