import {
  composeLayers,
  noMeta,
  type Call,
  type Consent,
  type Context,
  type Layer,
  type Refusal,
} from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import type { User } from "../user.js";
import { approval } from "./approval.js";
import { ApprovalDesk } from "./approval-desk.js";
import { batchMatter, personMatter } from "./approval-matter.js";
import { audit, decisions } from "./audit.js";
import { dryRun } from "./dry-run.js";
import { guardArguments } from "./guard-arguments.js";
import type { GuardOptions } from "./guard-options.js";
import { identity } from "./identity.js";
import { protection } from "./protection.js";
import { receipts } from "./receipts.js";
import { repeats } from "./repeats.js";
import { settle } from "./settle.js";
import { siblings } from "./siblings.js";
import { writeBudget } from "./write-budget.js";

/** The guards of one manager, and what they remember. */
export interface Guards {
  /** Puts the guards around a tool's call, a manager's own layers among them. A read only passes what remembers failures. */
  around(original: ToolDescriptor, own: readonly Layer[], call: Call): Call;
  /**
   * Asks once for several changes, and gives each its own yes; `null` where nobody has to be asked.
   *
   * @throws LangGraph's signal, where the answer comes later
   */
  askForAll(
    changes: readonly PersonChange[],
    action: string,
    context: Context,
  ): Promise<Grants | Refusal | null>;
}

/** A change of one person. */
export interface PersonChange {
  readonly method: string;
  readonly person: User;
}

/** A yes for each person of a batch, by their id. */
export type Grants = ReadonlyMap<string, NonNullable<Context["grant"]>>;

/**
 * Makes the guards that options ask for. Their order is what makes them safe: what stands outside of the approval
 * has no effect and may be run again, what stands inside of it happens once.
 *
 * @param canRead - whether a person can be read by id
 */
export function createGuards(options: GuardOptions, canRead: boolean): Guards {
  const { protect = [], maxWrites, approval: asking, audit: sink } = options;
  const desk = asking === undefined ? undefined : new ApprovalDesk(asking);
  const when = asking?.when ?? "always";
  const protects = typeof protect === "function" || protect.length > 0;
  // What any of these decides or says, it decides or says about the person as they are.
  const alwaysReads =
    protects ||
    (canRead &&
      [maxWrites, asking, sink, options.dryRun].some((guard) => guard !== undefined && guard !== false));
  const budget = maxWrites && writeBudget(maxWrites, desk !== undefined);

  const remembering = options.repeats === false ? undefined : repeats();
  const family = siblings();
  // What a batch is asked for through: each of its changes is recorded for itself, a no is one for all.
  const asked = present([family, sink && decisions(sink, ({ kind }) => kind === "refused"), remembering]);
  const outer = present([
    family,
    sink && decisions(sink),
    remembering,
    receipts(),
    identity(options.identity ?? "optional", alwaysReads),
    protects ? protection(protect) : undefined,
  ]);
  const inner = present([
    budget?.demand,
    options.dryRun === true ? dryRun(desk !== undefined && when === "always") : undefined,
    desk && approval(desk, when),
    budget?.take,
    sink && audit(sink),
    settle,
  ]);

  return {
    around: (original, own, call) =>
      composeLayers(
        original.kind === "read"
          ? [...present([remembering]), ...own]
          : [guardArguments(original, options.requireReason === true), ...outer, ...own, ...inner],
        call,
      ),
    askForAll: async (changes, action, context) => {
      const isAsked = when === "always" || (budget?.left(Date.now()) ?? Infinity) < changes.length;
      if (desk === undefined || !isAsked || changes.length === 0 || context.dryRun) return null;
      let grants: Grants | undefined;
      // Asked for like any write, so that a no is recorded and remembered, and a signal held back.
      const result = await composeLayers(asked, async () => {
        const verdict = await desk.ask(
          batchMatter(context.account, action, changes, context.reason),
          context,
        );
        const refusal = "refusal" in verdict ? verdict.refusal : await desk.use(verdict.approval);
        if (refusal !== undefined) return { kind: "refused", ...refusal };
        if ("approval" in verdict) grants = await grantEach(desk, changes, context, verdict.approval.consent);
        return { kind: "answer", data: null, meta: noMeta };
      })({ descriptor: batchDescriptor(action), args: { changes: changes.map(shownChange) }, context });
      if (result.kind === "refused") return result;
      return grants ?? null;
    },
  };
}

function batchDescriptor(action: string): ToolDescriptor {
  return {
    name: action,
    description: "",
    inputSchema: { type: "object", properties: {} },
    method: action,
    kind: "write",
    tags: [],
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  };
}

function shownChange({ method, person: { id } }: PersonChange): string {
  return `${method} ${id}`;
}

async function grantEach(
  desk: ApprovalDesk,
  changes: readonly PersonChange[],
  { account, reason }: Context,
  consent: Consent,
): Promise<Grants> {
  const granted = changes.map(async ({ method, person }) => {
    const matter = personMatter(account, method, person, reason);
    return [person.id, await desk.grant(matter, consent)] as const;
  });
  return new Map(await Promise.all(granted));
}

function present(layers: readonly (Layer | undefined)[]): Layer[] {
  return layers.filter((layer) => layer !== undefined);
}
