import { composeLayers, type Call, type Context, type Layer, type Refusal } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import { warningListener } from "../warning.js";
import { approval } from "./approval.js";
import { ApprovalDesk } from "./approval-desk.js";
import { audit, decisions } from "./audit.js";
import type { Grants, PersonChange } from "./batch-approval.js";
import { dryRun } from "./dry-run.js";
import { guardArguments } from "./guard-arguments.js";
import { confirmedWrite } from "./confirmed-write.js";
import type { GuardOptions } from "./guard-options.js";
import { identity, requiredEmail } from "./identity.js";
import { judgingOptions } from "./judging-options.js";
import { knownTargets } from "./known-targets.js";
import { completeApprovalStore, type CompleteStore } from "./memory-approval-store.js";
import { ownLayer } from "./own-layer.js";
import { protection } from "./protection.js";
import { receiptLifetimeMs, receipts } from "./receipts.js";
import { repeats, type Repeats } from "./repeats.js";
import { requiredReason } from "./required-reason.js";
import { settle } from "./settle.js";
import { siblings } from "./siblings.js";
import { nameTargets, readTargets, type Reading } from "./targets.js";
import { outOfScope, taskScope, taskUsersOf } from "./task-users.js";
import { turns } from "./turns.js";
import { steadyNow } from "../steady-clock.js";
import { writeBudget } from "./write-budget.js";

/** The guards of one manager. */
export interface Guards {
  /** Puts the guards around a tool's call, a manager's own layers among them. A read only passes what remembers failures. */
  around(original: ToolDescriptor, own: readonly Layer[], call: Call): Call;
  /**
   * Asks once for several changes, and gives each its own yes; `null` where nobody has to be asked. Changes that are
   * not part of the task, or that a person has rejected before, are not asked for.
   *
   * @throws LangGraph's signal, where the answer comes later
   */
  askForAll(
    changes: readonly PersonChange[],
    action: string,
    context: Context,
  ): Promise<Grants | Refusal | null>;
}

/** What the guards of one manager remember, through however many doors it is reached. */
export interface GuardMemory {
  readonly siblings: Layer;
  readonly repeats: Repeats;
  readonly receipts: Layer;
  readonly turns: Layer;
  /** When each write was made. */
  readonly writes: number[];
  /** Where used approvals and receipts are. */
  readonly store: CompleteStore;
}

/** Makes the memory of one manager. */
export function createGuardMemory(
  { approval: asking, onWarning }: GuardOptions,
  { byId }: Reading,
): GuardMemory {
  const store = completeApprovalStore(asking?.store);
  return {
    siblings: siblings(),
    repeats: repeats(),
    receipts: receipts(store, receiptLifetimeMs(asking?.ttlMs), warningListener(onWarning)),
    turns: turns(byId),
    writes: [],
    store,
  };
}

/**
 * Makes the guards that options ask for. Their order is what makes them safe: what stands outside of the approval
 * has no effect and may be run again, what stands inside of it happens once.
 *
 * @param reading - which users can be read
 * @param closing - aborts when nobody is to be asked any more
 */
export function createGuards(
  options: GuardOptions,
  reading: Reading,
  memory: GuardMemory,
  closing: AbortSignal,
): Guards {
  const { protect = [], maxWrites, approval: asking, audit: sink } = options;
  const warn = warningListener(options.onWarning);
  const desk = asking === undefined ? undefined : new ApprovalDesk(asking, memory.store, closing, warn);
  const when = asking?.when ?? "always";
  const judging = judgingOptions(options);
  // Those say something of the person where they can, and judge nobody.
  const telling = [maxWrites, sink, options.dryRun].some((guard) => guard !== undefined && guard !== false);
  const mustRead = (by: "id" | "email") =>
    judging.some((option) => option !== "identity" || by === "email") ||
    (telling && (by === "id" ? reading.byId : reading.byEmail));
  const budget = maxWrites && writeBudget(maxWrites, desk !== undefined, memory.writes);
  const remembering = options.repeats === false ? undefined : memory.repeats;
  const read = readTargets(mustRead);
  // What a batch is asked for through: each of its changes is recorded for itself, a no is one for all.
  const asked = present([memory.siblings, sink && decisions(sink, warn, ({ kind }) => kind === "refused")]);
  const outer = present([
    memory.siblings,
    sink && decisions(sink, warn),
    options.requireReason === true ? requiredReason : undefined,
    knownTargets(judging),
    scoped,
    remembering?.layer,
    memory.receipts,
    options.identity === "required" ? requiredEmail : undefined,
    read,
    identity,
    judging.includes("protect") ? protection(protect, warn) : undefined,
  ]);
  const inner = present([
    budget?.demand,
    options.dryRun === true ? dryRun(desk !== undefined && when === "always") : undefined,
    desk && approval(desk, when),
    memory.turns,
    reading.byId ? confirmedWrite : undefined,
    budget?.take,
    sink && audit(sink, warn),
    settle,
  ]);

  return {
    around: (original, own, call) => {
      const layers = own.map((layer) => ownLayer(layer, original, warn));
      return composeLayers(
        original.kind === "read"
          ? [...present([remembering?.layer]), ...layers]
          : [guardArguments(original), nameTargets(original), ...outer, ...layers, ...inner],
        call,
      );
    },
    askForAll: async (changes, action, context) => {
      const open = changes.filter(
        (change) =>
          outOfScope(change.person, context) === undefined &&
          remembering?.isRejected(change, context) !== true,
      );
      const isAsked = when === "always" || (budget?.left(steadyNow()) ?? Infinity) < open.length;
      if (desk === undefined || !isAsked || open.length === 0 || context.dryRun) return null;
      const { askForBatch } = await import("./batch-approval.js");
      const answer = await askForBatch(desk, asked, { changes: open, action, context });
      if (answer !== null && "code" in answer && answer.code === "approval_rejected")
        remembering?.reject(open, answer, context);
      return answer;
    },
  };
}

/** Judges the task's scope before anything else, which takes reading those concerned; without a scope, nothing is read. */
const scoped: Layer = (next) => {
  const judged = readTargets(() => true)(taskScope(next));
  return (request) => (taskUsersOf(request.context) === undefined ? next(request) : judged(request));
};

function present(layers: readonly (Layer | undefined)[]): Layer[] {
  return layers.filter((layer) => layer !== undefined);
}
