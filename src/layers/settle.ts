import { noMeta, type CallRequest, type CallResult, type Context, type Layer } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { HttpError } from "../errors/http-error.js";
import { isToolsetError, ToolsetError, type ToolsetErrorCode } from "../errors/toolset-error.js";
import { tellsOfAnotherUser } from "../sources/another-user.js";
import { stateAfter, type User, type UserState } from "../user.js";
import { isAnother } from "./drift.js";
import { alreadyThere } from "./identity.js";
import { soleId, soleUser } from "./targets.js";

type WriteResult = Extract<CallResult, { kind: "write" }>;

/** Failures after which nobody knows whether the write took effect. */
const lostCodes: ReadonlySet<ToolsetErrorCode> = new Set([
  "network",
  "timeout",
  "server_error",
  "bad_response",
]);

/**
 * Finds out what became of a write whose answer was lost, by reading the person again. The wanted state is proof.
 * Any other is no proof of the contrary, because the request may still arrive: a write that may be repeated is
 * repeated once, and what then is not known is said to be unknown.
 */
export const settle: Layer = (next) => async (request) => {
  const { context, descriptor } = request;
  const id = soleId(context);
  const wanted = stateAfter(descriptor.method);
  const counted: CallRequest = { ...request, context: countingSends(context) };
  if (id === undefined || wanted === undefined) return next(counted);
  const send = async () => compared(await next(counted), id, soleUser(context));
  const result = compared(await settled(send, request, { id, wanted }), id, soleUser(context));
  if (result.kind === "write") {
    context.emit({
      type: "write",
      action: descriptor.method,
      id,
      state: result.state,
      changed: result.changed,
    });
  }
  return result;
};

/** A result says so where the answer shows another person than the one who was asked for, or judged. */
function compared(result: CallResult, id: string, judged: User | undefined): CallResult {
  if (result.kind !== "write" || result.user === undefined || result.showsAnother === true) return result;
  if (result.user.id !== id) return ofAnother(result, `id than that of the person asked for, "${id}"`);
  if (judged === undefined || !isAnother(result.user, judged)) return result;
  const email = plainText(judged.email, 254);
  return ofAnother(result, `email than that of the person who was judged before, <${email}>`);
}

/**
 * A result whose answer shows somebody else.
 *
 * @param what - what is another, and than which
 */
function ofAnother(result: WriteResult, what: string): WriteResult {
  const note =
    `the answer shows another ${what}: whom this has changed is not sure. Next: read the person by id, and report ` +
    `this before anything else`;
  return {
    ...result,
    showsAnother: true,
    note: result.note === undefined ? note : `${result.note}; ${note}`,
  };
}

async function settled(
  send: () => Promise<CallResult>,
  request: CallRequest,
  { id, wanted }: { id: string; wanted: UserState },
): Promise<CallResult> {
  const { context, descriptor } = request;
  for (let isRepetition = false; ; isRepetition = true) {
    try {
      const result = await send();
      if (result.kind !== "write" || result.state === wanted) return result;
      // An answer that shows another state than the one asked for: what is true now is what a reading shows.
      const user = await readAgain(context, id);
      const { showsAnother } = result;
      const last =
        user === undefined
          ? result
          : {
              ...resultOf(context, user, result.meta),
              ...(showsAnother && { showsAnother, note: result.note }),
            };
      if (last.state === wanted) return last;
      const shows = user === undefined ? "it shows them" : "read afterwards they are";
      const note = `the answer was a success, but ${shows} ${plainText(last.state, 40)}`;
      return { ...last, note: last.note ?? note };
    } catch (error) {
      if (!isToolsetError(error) || context.signal.aborted) throw error;
      const isLost = lostCodes.has(error.code);
      const isInDoubt = isRepetition || (!error.unsent && (isLost || error.inDoubt));
      const isOfAnother = tellsOfAnotherUser(error);
      const isConflict = error instanceof HttpError && error.status === 409;
      if (!isInDoubt && !isConflict) throw error;
      const user = await readAgain(context, id);
      if (user?.state === wanted) {
        if (isOfAnother)
          return ofAnother(resultOf(context, user), `id than that of the person asked for, "${id}"`);
        // Servers differ in whether a person who is in the wanted state already is an error.
        return isInDoubt ? resultOf(context, user) : alreadyThere(user, wanted);
      }
      // Where the person cannot be read, nothing was learned: the failure itself is for the caller to go by.
      if (user === undefined) throw error.withText(error.text, { unsent: false, inDoubt: isInDoubt });
      if (isRepetition || isOfAnother) throw unknownOutcome(descriptor.name, id, error, user);
      // An answer, be it an error, is no silence: only silence is answered by asking once more.
      const isAnswer = error.code === "server_error" && (error instanceof HttpError || !error.inDoubt);
      if (!isLost || isAnswer) throw error;
      // Nobody has judged the person whose id this is now.
      const judged = soleUser(context);
      const isRepeatable = descriptor.annotations.idempotentHint && !(judged && isAnother(user, judged));
      if (!isRepeatable) throw unknownOutcome(descriptor.name, id, error, user);
    }
  }
}

function resultOf(context: Context, user: User, meta = noMeta): WriteResult {
  const previous = soleUser(context)?.state ?? "unknown";
  return {
    kind: "write",
    previous,
    state: user.state,
    changed: previous === "unknown" ? null : previous !== user.state,
    user,
    meta,
  };
}

/** The person as they are now; `undefined` where they cannot be read, which proves nothing either way. */
async function readAgain(context: Context, id: string): Promise<User | undefined> {
  try {
    return await context.readUser(id, { fresh: true });
  } catch (error) {
    if (context.signal.aborted || !isToolsetError(error)) throw error;
    return undefined;
  }
}

function unknownOutcome(tool: string, id: string, error: ToolsetError, { state }: User): ToolsetError {
  return new ToolsetError(
    "outcome_unknown",
    `${error.text.replace(/ Try again.*/s, "")} Whether ${tool} has changed the person "${id}" is not known: read ` +
      `afterwards, they are ${plainText(state, 40)}, but the request may still take effect. Next: read the person by ` +
      `id before anything else, and report the state that you see.`,
    { cause: error, inDoubt: true, retryAfterMs: error.retryAfterMs ?? undefined },
  );
}

/** The same context, with the sends of the write counted; one for a tool that sends by ways of its own. */
function countingSends(context: Context): Context {
  const { trail } = context;
  trail.attempts += 1;
  let isFirst = true;
  const send: Context["send"] = (request, options) => {
    if (isFirst) trail.attempts -= 1;
    isFirst = false;
    return context.send((signal) => {
      trail.attempts += 1;
      return request(signal);
    }, options);
  };
  return { ...context, send };
}
