import { isBubbleUp } from "../bubble-up.js";
import type { Consent, Context, Refusal } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { shownEmail } from "../content/shown-email.js";
import { errorText } from "../errors/error-text.js";
import { thrownKind, type WarningListener } from "../warning.js";
import { claimedFacts, createSignature, digest, newNonce, type SignedFacts } from "./approval-signature.js";
import { isApprovalAnswer, isUnfitAnswer } from "./approval-answer.js";
import type { ApprovalAnswer, ApprovalOptions, ApprovalRequest, ApprovalStore } from "./approval-options.js";
import type { Matter } from "./approval-matter.js";
import { beginAsking } from "./asking.js";
import { BoundedMap } from "./bounded-map.js";
import { isReadableByModel } from "./readable-error.js";
import { mayBeSame, mayName, namesSomebody } from "./same-person.js";

const defaultTtlMs = 3_600_000;

/** How many open requests and stray answers are kept at most. */
const mostKept = 1000;

/** How often one call asks again after something else than an answer: an `ask` that gives nothing else must end. */
const maxUnfitAnswers = 100;

/** A yes that has not been used yet. */
interface Approval {
  readonly nonce: string;
  readonly consent: Consent;
}

type Verdict = { readonly approval: Approval } | { readonly refusal: Refusal };

/** Asks people, and tells their answers apart. */
export class ApprovalDesk {
  readonly #options: ApprovalOptions;
  readonly #closing: AbortSignal;
  readonly #signature;
  readonly #store;
  readonly #open = new BoundedMap<ApprovalRequest>(mostKept);
  readonly #stray = new BoundedMap<unknown>(mostKept);
  readonly #unused = new BoundedMap<true>(mostKept);
  readonly #warnedOf = new BoundedMap<true>(mostKept);
  readonly #warn;

  /**
   * @param closing - aborts when nobody is to be asked any more; its reason says why
   * @param warn - hears what `ask` and the store throw, which no model does
   */
  constructor(
    options: ApprovalOptions,
    store: Pick<ApprovalStore, "consume">,
    closing: AbortSignal,
    warn: WarningListener,
  ) {
    this.#options = options;
    this.#closing = closing;
    this.#signature = createSignature(options.key);
    this.#store = store;
    this.#warn = warn;
  }

  /**
   * Asks for a yes.
   *
   * @throws what asks LangGraph to stop here and to come back with an answer; the reason of an abort
   */
  async ask(matter: Matter, context: Context): Promise<Verdict> {
    const mine = { about: await digest(matter.about), state: await digest(matter.state) };
    const key = JSON.stringify([context.scope, context.callId, mine]);
    const passedOn = new Set<unknown>();
    const isClosed = () => this.#closing.aborted;
    for (let unfitAnswers = 0; ;) {
      if (isClosed()) return closed(this.#closing);
      const request = await this.#requestFor(key, matter, mine);
      const answer = this.#takeStray(mine.about) ?? (await this.#answerTo(request, mine.about, context));
      // An answer that came all the same is none.
      if (isClosed()) return closed(this.#closing);
      if (this.#isStray(answer, mine.about) && !passedOn.has(answer.requestId)) {
        passedOn.add(answer.requestId);
        continue;
      }
      if (answer instanceof NoAnswer && isUnfitAnswer(answer.cause) && unfitAnswers < maxUnfitAnswers) {
        unfitAnswers += 1;
        // A graph that is resumed hands out what it was resumed with before as well.
        this.#warnOnce(
          `${request.id} ${unfitAnswers}`,
          `${answer.cause.message} It is asked again.`,
          answer.cause,
        );
        continue;
      }
      const verdict = await this.#judge(answer, request, mine, matter, context);
      this.#open.delete(key);
      return verdict;
    }
  }

  /** Takes a yes that stands for one person of a batch. */
  async redeem(
    { token, consent }: NonNullable<Context["grant"]>,
    matter: Pick<Matter, "about" | "state">,
  ): Promise<Verdict> {
    const facts = await this.#signature.open(token);
    const isMine =
      facts?.about === (await digest(matter.about)) && facts.state === (await digest(matter.state));
    if (facts === undefined || !isMine) return { refusal: changed };
    if (facts.expiresAt <= Date.now()) return { refusal: expired };
    return { approval: { nonce: facts.nonce, consent } };
  }

  /** Makes a yes for one person out of a yes for a batch that was used. */
  async grant(
    matter: Pick<Matter, "about" | "state">,
    consent: Consent,
  ): Promise<NonNullable<Context["grant"]>> {
    const token = await this.#signature.sign({
      about: await digest(matter.about),
      state: await digest(matter.state),
      nonce: newNonce(),
      expiresAt: consent.expiresAt,
    });
    return { token, consent };
  }

  /** Uses a yes; `undefined` where that worked, for it works once. */
  async use({ nonce, consent }: Approval, matter: Matter, context: Context): Promise<Refusal | undefined> {
    if (this.#unused.delete(JSON.stringify([nonce, context.scope, context.callId, matter.about])))
      return undefined;
    let isFirst: boolean;
    try {
      isFirst = await this.#store.consume(nonce, consent.expiresAt);
    } catch (error) {
      this.#warn(`The store of used approvals failed${thrownKind(error)}, and nothing was sent.`, {
        cause: error,
      });
      return unavailable(`the store of used approvals failed, ${operatorKnows}`, error).refusal;
    }
    return isFirst ? undefined : used;
  }

  /** Lets the same call use a yes once more, because it was used for nothing. */
  giveBack({ nonce }: Approval, matter: Matter, context: Context): void {
    this.#unused.set(JSON.stringify([nonce, context.scope, context.callId, matter.about]), true);
  }

  async #requestFor(key: string, matter: Matter, mine: Pick<SignedFacts, "about" | "state">) {
    const known = this.#open.get(key);
    if (known !== undefined && known.expiresAt > Date.now()) return known;
    const expiresAt = Date.now() + (this.#options.ttlMs ?? defaultTtlMs);
    const id = await this.#signature.sign({ ...mine, nonce: newNonce(), expiresAt });
    const request: ApprovalRequest = { id, ...matter.shown, expiresAt };
    this.#open.set(key, request);
    return request;
  }

  /** Puts an answer to another request where that finds it, before anything else can ask in between. */
  #isStray(answer: unknown, about: string): answer is ApprovalAnswer {
    if (!isApprovalAnswer(answer) || answer.requestId === undefined) return false;
    const named = claimedFacts(answer.requestId);
    if (named === undefined || named.about === about) return false;
    this.#stray.set(named.about, answer);
    return true;
  }

  #takeStray(about: string): unknown {
    const answer = this.#stray.get(about);
    this.#stray.delete(about);
    return answer;
  }

  async #answerTo(request: ApprovalRequest, about: string, context: Context): Promise<unknown> {
    const until = [context.signal, this.#closing];
    const { signal, over, stop } = beginAsking(until, request.expiresAt, () => new NoAnswer());
    try {
      const asked = Promise.resolve().then(() => this.#options.ask(request, { ...context, signal }));
      return await Promise.race([over, asked]);
    } catch (error) {
      if (isBubbleUp(error)) {
        // A call beside this one may have been handed our answer, and be about to pass it on.
        await new Promise((resolve) => setTimeout(resolve));
        const passedOn = this.#takeStray(about);
        if (passedOn !== undefined) return passedOn;
      }
      if (isBubbleUp(error)) throw error;
      // The signal's own reason, because what was thrown is the operator's to see.
      context.signal.throwIfAborted();
      return error instanceof NoAnswer ? error : new NoAnswer({ cause: error });
    } finally {
      stop();
    }
  }

  async #judge(
    answer: unknown,
    request: ApprovalRequest,
    mine: Pick<SignedFacts, "about" | "state">,
    matter: Matter,
    context: Context,
  ): Promise<Verdict> {
    if (answer instanceof NoAnswer)
      return answer.isFailure ? this.#failed(answer.cause) : { refusal: expired };
    if (!isApprovalAnswer(answer)) {
      this.#warn(
        `"ask" gave something else than an answer for "${request.action}", and it counts as no. Give ` +
          '{ decision: "approve" or "reject", requestId: the id of the request, approver: who decided }.',
        { cause: answer },
      );
      return unavailable("the answer was neither an approval nor a rejection");
    }
    const { decision, reason, approver, requestId = request.id } = answer;
    const named = await this.#signature.open(requestId);
    if (named === undefined) {
      this.#warn(
        `An answer for "${request.action}" names a request that was not signed with this key, and counts as no. ` +
          'Processes that ask and go on need the same "approval.key".',
      );
    }
    if (named?.about !== mine.about) return unavailable("the answer names a request that was not made here");
    const consent: Consent = {
      requestId,
      approver: isNamed(approver) ? plainText(approver, 254) : unknownApprover,
      reason: reason === undefined ? undefined : plainText(reason, 500),
      expiresAt: named.expiresAt,
    };
    if (decision === "reject") {
      // Whoever said no is not overruled by a yes to the same request, in another thread or from a forked one.
      await this.use({ nonce: named.nonce, consent }, matter, context);
      return { refusal: rejected(consent) };
    }
    if (named.expiresAt <= Date.now()) return { refusal: expired };
    if (named.state !== mine.state) return { refusal: changed };
    const why = this.#whyNotBy(approver, matter, context);
    if (why !== undefined) return unavailable(why);
    return { approval: { nonce: named.nonce, consent } };
  }

  /** Why an approver cannot approve; `undefined` where they can. */
  #whyNotBy(approver: string | undefined, { people }: Matter, { actor }: Context): string | undefined {
    if (approver !== undefined && people.some((person) => mayName(approver, person)))
      return "whoever approved it is the person concerned, and somebody else has to";
    if (actor === undefined || this.#options.selfApproval === true) return undefined;
    const fix = 'or the operator allows it with "approval.selfApproval": true';
    if (!isNamed(approver))
      return `the answer does not say who approved it, and whoever asked for the change must not. It has to name an "approver", ${fix}`;
    if (!mayBeSame(approver, actor)) return undefined;
    return `whoever approved it is the one who asked for it, and somebody else has to, ${fix}`;
  }

  /** The verdict where `ask` threw. */
  #failed(cause: unknown): Verdict {
    if (isReadableByModel(cause)) {
      return unavailable(`asking failed: ${plainText(errorText(cause), 300)}`, cause);
    }
    this.#warn(`"ask" failed${thrownKind(cause)}, which counts as no.`, { cause });
    return unavailable(`asking failed, ${operatorKnows}`, cause);
  }

  #warnOnce(key: string, message: string, cause: unknown): void {
    if (this.#warnedOf.has(key)) return;
    this.#warnedOf.set(key, true);
    this.#warn(message, { cause });
  }
}

/** What stands for an answer where none came: in time, or because asking failed. */
class NoAnswer extends Error {
  readonly isFailure: boolean;

  constructor(failure?: { cause: unknown }) {
    super("nobody answered", failure);
    this.isFailure = failure !== undefined;
  }
}

/** What is recorded of an answer that does not say whose it is. */
const unknownApprover = "unknown";

function isNamed(approver: string | undefined): approver is string {
  return approver !== undefined && namesSomebody(approver);
}

const nothing = "Nothing was changed.";
const operatorKnows = "and the operator of these tools has been told why";
const stop = "Next: report this to the person who gave you the task, and do not ask for it again.";

function rejected({ approver, reason }: Consent): Refusal {
  const who =
    approver === undefined || approver === unknownApprover
      ? "The person who was asked"
      : shownEmail(approver);
  const why = reason === undefined ? "" : ` They said: ${JSON.stringify(reason)}.`;
  return { code: "approval_rejected", text: `${who} said no.${why} ${nothing} ${stop}` };
}

/** Why a yes that has ended is none. */
export const expired: Refusal = {
  code: "approval_expired",
  text: `The approval has ended: nobody answered in time, or the answer was not used in time. ${nothing} Next: make this call once more, which asks again.`,
};

const changed: Refusal = {
  code: "approval_expired",
  text: `The approval was for something else than what there is now: the person or the reason has changed since it was asked for. ${nothing} Next: make this call once more, which asks again.`,
};

const used: Refusal = {
  code: "approval_expired",
  text: `This approval was used before, and holds once: what it allowed may have been done. Next: look at the person's state; if the change is still needed, make this call once more, which asks again.`,
};

function closed({ reason }: AbortSignal): { refusal: Refusal } {
  return unavailable((reason as Error).message);
}

function unavailable(why: string, cause?: unknown): { refusal: Refusal } {
  return {
    refusal: {
      cause,
      code: "approval_unavailable",
      text: `This needs an approval, and there was none: ${why}. ${nothing} ${stop}`,
    },
  };
}
