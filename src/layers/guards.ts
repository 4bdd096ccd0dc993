import { composeLayers, type Call, type Context, type Layer, type Refusal } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import type { User } from "../user.js";
import { approval } from "./approval.js";
import { ApprovalDesk } from "./approval-desk.js";
import { audit, decisions } from "./audit.js";
import { dryRun } from "./dry-run.js";
import { guardArguments } from "./guard-arguments.js";
import type { GuardOptions } from "./guard-options.js";
import { identity } from "./identity.js";
import { protection } from "./protection.js";
import { ownLayer } from "./own-layer.js";
import { receipts } from "./receipts.js";
import { repeats } from "./repeats.js";
import { requiredReason } from "./required-reason.js";
import { settle } from "./settle.js";
import { siblings } from "./siblings.js";
import { turns } from "./turns.js";
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
  const needsReason = options.requireReason === true;
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
    needsReason ? requiredReason : undefined,
    remembering,
    receipts(),
    identity(options.identity ?? "optional", alwaysReads),
    protects ? protection(protect) : undefined,
  ]);
  const inner = present([
    budget?.demand,
    options.dryRun === true ? dryRun(desk !== undefined && when === "always") : undefined,
    desk && approval(desk, when),
    turns(canRead),
    budget?.take,
    sink && audit(sink),
    settle,
  ]);

  return {
    around: (original, own, call) =>
      composeLayers(
        original.kind === "read"
          ? [...present([remembering]), ...own.map(ownLayer)]
          : [guardArguments(original), ...outer, ...own.map(ownLayer), ...inner],
        call,
      ),
    askForAll: async (changes, action, context) => {
      const isAsked = when === "always" || (budget?.left(Date.now()) ?? Infinity) < changes.length;
      if (desk === undefined || !isAsked || changes.length === 0 || context.dryRun) return null;
      const { askForBatch } = await import("./batch-approval.js");
      return askForBatch(desk, asked, { changes, action, context });
    },
  };
}

function present(layers: readonly (Layer | undefined)[]): Layer[] {
  return layers.filter((layer) => layer !== undefined);
}
