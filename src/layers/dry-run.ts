import type { CallRequest, Layer } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { shownWord } from "../content/shown-email.js";
import { stateAfter } from "../user.js";
import { canonicalJson } from "./canonical-json.js";
import { shownPerson } from "./shown-person.js";
import { targetIds } from "./targets.js";

/**
 * Ends a write that is only planned, with the plan and with everything that would have stopped it.
 *
 * @param asks - whether a person is asked before every write
 */
export function dryRun(asks: boolean): Layer {
  return (next) => (request) =>
    request.context.dryRun
      ? Promise.resolve({ kind: "planned", would: planOf(request, asks) })
      : next(request);
}

function planOf(request: CallRequest, asks: boolean): string {
  const { obstacles, needsApproval } = request.context;
  const plan = `Dry run: nothing was sent and nothing was changed. ${wouldOf(request)}`;
  if (obstacles.length > 0) {
    const stops = obstacles.map(
      ({ code, text }) => `${code}: ${text.replace(/ Nothing was changed\..*/s, "")}`,
    );
    const told = `${plan} It would have been stopped by ${stops.join(" And by ")}`;
    return obstacles.some(({ code }) => code === "identity_mismatch") ? byIdAlone(told, request) : told;
  }
  if (needsApproval !== undefined) return `${plan} A person would have been asked first: ${needsApproval}.`;
  return asks ? `${plan} A person would have been asked first.` : plan;
}

/** A plan on somebody else than the caller means: a model that is told who they are would plan it with their email. */
function byIdAlone(plan: string, { context: { targets } }: CallRequest): string {
  const users = targets.state === "known" ? targets.users : [];
  return users.reduce(
    (text, user) => text.replaceAll(shownPerson(user), () => `id ${plainText(user.id, 60)}`),
    plan,
  );
}

function wouldOf(request: CallRequest): string {
  const { descriptor, context, args } = request;
  const state = stateAfter(descriptor.method);
  const { targets } = context;
  if (targets.state === "known" && state !== undefined) {
    const people = targets.users.map(
      (user) => `${shownPerson(user)}, who is ${shownWord(user.state)} and would be ${state}`,
    );
    return `It would ${descriptor.method} ${people.join("; ")}.`;
  }
  const ids = targetIds(context).map((id) => JSON.stringify(plainText(id, 60)));
  const on = ids.length === 0 ? "" : ` on the person with the id ${ids.join(", ")}`;
  return `The call would have been ${descriptor.name}${on} with ${plainText(canonicalJson(args), 1000)}.`;
}
