import type { CallRequest, CallResult, Layer } from "../call.js";
import { shownWord } from "../content/shown-email.js";
import { portableName } from "../openapi/portable-name.js";
import { BoundedMap } from "./bounded-map.js";
import { canonicalJson } from "./canonical-json.js";
import { shownPerson } from "./shown-person.js";
import { soleId, targetIds } from "./targets.js";

type Write = Extract<CallResult, { kind: "write" | "answer" }>;

/** How many writes are remembered at most. */
const mostRemembered = 10_000;
const rememberedMs = 3_600_000;

/**
 * Recognises a write that was made already: a host that resumes after an interrupt runs every call of a step
 * again, those that had ended among them. The same tool call of the same thread gets the receipt of the first time.
 */
export function receipts(): Layer {
  const receipts = new BoundedMap<{ result: Write; people: readonly string[]; until: number }>(
    mostRemembered,
  );

  return (next) => async (request) => {
    const key = keyOf(request);
    const receipt = receipts.get(key);
    if (receipt !== undefined && receipt.until > Date.now()) return shown(receipt.result, request);
    const result = await next(request);
    const people = targetIds(request.context);
    if (result.kind === "write" && result.changed !== false) {
      // Another write on the same person makes what was told of them before untrue.
      for (const [known, { people: others }] of receipts)
        if (others.some((id) => people.includes(id))) receipts.delete(known);
    }
    if (request.context.trail.attempts > 0 && (result.kind === "write" || result.kind === "answer")) {
      receipts.set(key, { result, people, until: Date.now() + rememberedMs });
    }
    return result;
  };
}

async function shown(result: Write, request: CallRequest): Promise<CallResult> {
  const id = soleId(request.context);
  if (result.kind !== "write" || id === undefined) return result;
  const person = await request.context.readUser(id);
  if (person.state === result.state) return result;
  return {
    kind: "refused",
    code: "repeated",
    text:
      `Not sent: this very call was made before, and left ${shownPerson(person)} ${shownWord(result.state)}. Since then somebody ` +
      `else has made them ${shownWord(person.state)}. Next: report that, and ask before changing them again.`,
  };
}

function keyOf({ descriptor, args, context }: CallRequest): string {
  const whom = context.expectedEmails ?? null;
  return JSON.stringify([
    context.scope,
    context.callId,
    portableName(descriptor.name),
    canonicalJson(args),
    whom,
  ]);
}
