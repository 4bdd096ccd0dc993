import { isBubbleUp } from "../../bubble-up.js";
import type { Context } from "../../call.js";
import type { ApprovalAnswer, ApprovalRequest, Ask } from "../../layers/approval-options.js";
import { claimedFacts } from "../../layers/approval-signature.js";
import { readableByModel } from "../../layers/readable-error.js";
import { onAbort } from "../../on-abort.js";
import { StillAsked } from "../still-asked.js";

/** A question that somebody is asked, with or without a call that waits for the answer. */
interface OpenQuestion {
  readonly request: ApprovalRequest;
  readonly caller: string;
  readonly state: string;
  readonly answer: Promise<ApprovalAnswer>;
  /** Whether the answer is there, and no call has had it. */
  isAnswered: boolean;
  waiting: number;
  readonly takeAway: AbortController;
}

/** How much of a call's time is left for the change itself. */
const reserved = 0.1;

/** When to look for an answer that was not there in time, in milliseconds. */
const retryAfterMs = 10_000;

/** How many questions may be open at once: whoever answers them is one person. */
const mostOpen = 100;

/** How many of them one caller may have open, so that they leave room for others. */
const mostOfOne = 20;

/**
 * Lets a call come back before its caller gives up on it, while whoever is asked goes on thinking. The same call made
 * again by the same caller joins the open question, or finds the answer that was given meanwhile, which holds once and
 * until the request ends. A question is taken away when all calls that wait for it were aborted, and when the person
 * or the reason has changed.
 *
 * The function that it gives throws {@link StillAsked} when the caller's time is nearly over.
 *
 * @param tell - told what becomes of an answer that no call waits for any more
 */
export function whileWaiting(ask: Ask, tell: (text: string) => void = () => undefined): Ask {
  const open = new Map<string, OpenQuestion>();

  function questionFor(key: string, state: string, request: ApprovalRequest, context: Context): OpenQuestion {
    const known = open.get(key);
    if (known?.state === state && known.request.expiresAt > Date.now()) return known;
    known?.takeAway.abort(
      readableByModel(new Error("the person or the reason has changed since it was asked")),
    );
    for (const [other, { request: asked }] of open) if (asked.expiresAt <= Date.now()) open.delete(other);
    const caller = callerOf(context);
    const others = [...open.values()].filter((question) => question.caller === caller).length;
    if (others >= mostOfOne || open.size >= mostOpen) {
      throw readableByModel(
        new Error(
          `${others} other questions of the same caller are waiting at the terminal, and ${open.size} in all: they have to be answered first`,
        ),
      );
    }
    const takeAway = new AbortController();
    const question: OpenQuestion = {
      request,
      caller,
      state,
      takeAway,
      isAnswered: false,
      waiting: 0,
      answer: Promise.resolve().then(() => ask(request, { ...context, signal: takeAway.signal })),
    };
    const forget = () => {
      if (open.get(key) === question) open.delete(key);
    };
    question.answer.then(() => {
      // Whoever waits takes it; nobody else finds it afterwards.
      question.isAnswered = true;
      if (question.waiting > 0) {
        forget();
        return;
      }
      const until = new Date(request.expiresAt).toTimeString().slice(0, 8);
      tell(
        `The call that asked this is over, and nothing was changed. The answer is kept until ${until} for the same call made again.`,
      );
    }, forget);
    open.set(key, question);
    return question;
  }

  return async (request, context) => {
    const facts = claimedFacts(request.id);
    // A request that is not named as ours are cannot be told from another one.
    if (facts === undefined) return await ask(request, context);
    const key = JSON.stringify([facts.about, callerOf(context)]);
    const question = questionFor(key, facts.state, request, context);
    if (question.isAnswered) open.delete(key);
    question.waiting += 1;
    try {
      return namedAnswer(await within(question.answer, context), question.request);
    } catch (error) {
      if (!isBubbleUp(error) && question.waiting === 1) question.takeAway.abort(error);
      throw error;
    } finally {
      question.waiting -= 1;
    }
  };
}

/** Who asks: the caller by name, else the conversation that the call is part of. */
function callerOf({ actor, thread }: Context): string {
  return actor ?? thread ?? "";
}

/** An answer, unless the call is aborted or nearly out of time before. */
async function within(
  answer: Promise<ApprovalAnswer>,
  { signal, deadline }: Context,
): Promise<ApprovalAnswer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop: (() => void) | undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    signal.throwIfAborted();
    stop = onAbort(signal, () => reject(signal.reason as Error));
    if (deadline === Number.POSITIVE_INFINITY) return;
    const left = (deadline - Date.now()) * (1 - reserved);
    timer = setTimeout(() => reject(new StillAsked(retryAfterMs)), Math.max(left, 0));
  });
  try {
    return await Promise.race([answer, ended]);
  } finally {
    clearTimeout(timer);
    stop?.();
  }
}

/** The answer with the name of the request that was shown: a call that joined has made another one. */
function namedAnswer(answer: ApprovalAnswer, { id }: ApprovalRequest): ApprovalAnswer {
  return { requestId: id, ...answer };
}
