import { composeLayers, noMeta, type Consent, type Context, type Layer, type Refusal } from "../call.js";
import { plainText } from "../content/plain-text.js";
import type { ToolDescriptor } from "../descriptor.js";
import type { User } from "../user.js";
import type { ApprovalDesk } from "./approval-desk.js";
import { aboutPeople, approvalPerson, consequenceOf, stateOf, type Matter } from "./approval-matter.js";
import type { ApprovalItem } from "./approval-options.js";
import { canonicalJson } from "./canonical-json.js";

/** A change of one person. */
export interface PersonChange {
  readonly method: string;
  readonly person: User;
}

/** A yes for each person of a batch, by their id. */
export type Grants = ReadonlyMap<string, NonNullable<Context["grant"]>>;

/**
 * Asks once for several changes, and gives each its own yes.
 *
 * @param layers - what it is asked through, like any write, so that a no is recorded and a signal is held back
 */
export async function askForBatch(
  desk: ApprovalDesk,
  layers: readonly Layer[],
  { changes, action, context }: { changes: readonly PersonChange[]; action: string; context: Context },
): Promise<Grants | Refusal | null> {
  let grants: Grants | null = null;
  const ask = composeLayers(layers, async () => {
    const matter = batchMatter(context.account, action, changes, context.reason);
    const verdict = await desk.ask(matter, context);
    const refusal =
      "refusal" in verdict ? verdict.refusal : await desk.use(verdict.approval, matter, context);
    if (refusal !== undefined) return { kind: "refused", ...refusal };
    if ("approval" in verdict) grants = await grantEach(desk, changes, context, verdict.approval.consent);
    return { kind: "answer", data: null, meta: noMeta };
  });
  const args = { changes: changes.map(shownChange) };
  context.targets = { state: "known", users: changes.map(({ person }) => person) };
  const result = await ask({ descriptor: batchDescriptor(action), args, context });
  return result.kind === "refused" ? result : grants;
}

/** What a batch of the same change is about. */
function batchMatter(
  account: string,
  action: string,
  changes: readonly { method: string; person: User }[],
  reason: string | undefined,
): Matter {
  const items: ApprovalItem[] = changes.map(({ method, person }) => {
    return { action: method, person: approvalPerson(person) };
  });
  const methods = [...new Set(changes.map(({ method }) => method))];
  return {
    about: canonicalJson([account, action, "batch"]),
    state: canonicalJson([
      reason ?? null,
      changes.map(({ method, person }) => [method, stateOf(person, undefined)]).sort(),
    ]),
    shown: {
      action,
      person: null,
      consequence: methods
        .map((method) => {
          const count = changes.filter((change) => change.method === method).length;
          return `${method}, ${count === 1 ? "1 person" : `${count} people`}: ${consequenceOf(method)}`;
        })
        .join(" "),
      ...(reason === undefined ? {} : { reason: plainText(reason, 500) }),
      items,
    },
    people: changes.map(({ person }) => person),
  };
}

/** What one person of a batch is about, as it is when it is their turn. */
function personMatter(
  account: string,
  method: string,
  person: User,
  reason: string | undefined,
): Pick<Matter, "about" | "state"> {
  return { about: aboutPeople(account, method, [person]), state: stateOf(person, reason) };
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
