import { RateLimitError } from "../errors/rate-limit-error.js";
import { onAbort } from "../on-abort.js";
import type { GatePass, GateRequest, Outcome, Reservation } from "./gate.js";
import { Lane, type LaneOutcome } from "./lane.js";
import type { Flight } from "./lane-window.js";
import { isRateLimitField, parseRateLimit } from "./rate-limit-headers.js";
import { longestTimerMs } from "./timer.js";
import { WaitingLine } from "./waiting-line.js";

interface Waiter {
  readonly request: GateRequest;
  /** How many requests are to leave together. */
  readonly permits: number;
  readonly priority: GateRequest["priority"];
  readonly again: boolean;
  readonly since: number;
  readonly giveUpAt: number;
  wasTold: boolean;
  readonly leave: (pass: GatePass) => void;
  readonly refuse: (reason: unknown) => void;
  stopWatching: () => void;
}

/**
 * How long after the answer to an urgent request the rest of a window is kept for the next one, in milliseconds: a
 * guarded write reads, asks, records and then writes, and must not wait for another window between these.
 */
const lingerMs = 500;

/**
 * One lane with those who wait for it: it lets them leave, tells them of their wait, sends them away when that
 * takes too long, and sets the one timer that all of this needs.
 */
export class Traffic {
  readonly #lane = new Lane();
  readonly #line = new WaitingLine<Waiter>();
  #latest = 0;
  #timer: { handle: ReturnType<typeof setTimeout>; at: number } | undefined;
  #nextGiveUpAt = Number.POSITIVE_INFINITY;
  #announcedUntil = Number.NEGATIVE_INFINITY;
  #closedBy: Readonly<Record<string, string>> = {};
  #urgentInFlight = 0;
  #urgentUntil = Number.NEGATIVE_INFINITY;

  /** Whether it can be forgotten: nobody waits, nothing is in flight, and it is open. */
  isIdle(): boolean {
    return this.#line.size === 0 && this.#lane.isIdle(this.#now());
  }

  enter(request: GateRequest): Promise<GatePass> {
    return this.#queue(request, 1);
  }

  async reserve(request: GateRequest, permits: number): Promise<Reservation> {
    let first: GatePass | undefined = await this.#queue(request, permits);
    let kept = permits - 1;
    return {
      take: () => {
        const pass = first;
        first = undefined;
        if (pass !== undefined) return pass;
        const now = this.#now();
        if (!(kept > 0 ? this.#lane.mayLeaveReserved(now) : this.#lane.mayLeave(now))) return null;
        if (kept > 0) this.#lane.reserve(-1);
        kept = Math.max(0, kept - 1);
        return this.#depart(request.priority, now);
      },
      release: () => {
        first?.settle({ kind: "unsent" });
        first = undefined;
        if (kept === 0) return;
        this.#lane.reserve(-kept);
        kept = 0;
        this.#advance();
      },
    };
  }

  #queue(request: GateRequest, permits: number): Promise<GatePass> {
    return new Promise((leave, refuse) => {
      request.signal.throwIfAborted();
      const now = this.#now();
      const { priority, again } = request;
      const giveUpAt = now + request.maxWaitMs;
      const waiter: Waiter = {
        request,
        permits,
        priority,
        again,
        since: now,
        giveUpAt,
        wasTold: false,
        leave,
        refuse,
        stopWatching: () => undefined,
      };
      const ahead = this.#line.ahead(waiter);
      this.#line.add(waiter);
      this.#nextGiveUpAt = Math.min(this.#nextGiveUpAt, giveUpAt);
      waiter.stopWatching = onAbort(request.signal, () => {
        this.#sendAway(waiter, request.signal.reason);
        this.#advance();
      });
      // By the same time: what may not wait at all is not overdue yet.
      this.#advance(now);
      if (!this.#line.has(waiter)) return;
      if (this.#lane.closedUntil > now) this.#announce(waiter, ahead, now);
      if (request.maxWaitMs <= 0) this.#sendAway(waiter, this.#tooLong(waiter, this.#lane.closedUntil, now));
      if (!this.#line.has(waiter)) this.#setTimer(now);
    });
  }

  #settle(flight: Flight, outcome: Outcome): void {
    const now = this.#now();
    const before = this.#lane.closedUntil;
    this.#lane.settle(flight, laneOutcome(outcome), now);
    const after = this.#lane.closedUntil;
    if (after !== before && after > now && "headers" in outcome) {
      const shown = Object.entries(outcome.headers).filter(
        ([name]) => isRateLimitField(name) || name === "date",
      );
      this.#closedBy = Object.fromEntries(shown);
    }
    this.#advance();
  }

  #advance(now = this.#now()): void {
    if (now > this.#nextGiveUpAt) this.#sendAwayOverdue(now);
    for (let next = this.#line.first(); next !== undefined; next = this.#line.first()) {
      const { permits, request } = next;
      if (!this.#lane.mayLeave(now, permits, request.maxClosedMs)) break;
      if (next.priority === "normal" && this.#keptUntil(now) > now) break;
      this.#leave(next, now);
    }
    const closedUntil = this.#lane.closedUntil;
    if (closedUntil > now && closedUntil > this.#announcedUntil) {
      this.#announcedUntil = closedUntil;
      [...this.#line].forEach((waiter, ahead) => this.#announce(waiter, ahead, now));
    }
    this.#setTimer(now);
  }

  #leave(waiter: Waiter, now: number): void {
    this.#line.remove(waiter);
    waiter.stopWatching();
    this.#lane.reserve(waiter.permits - 1);
    waiter.leave(this.#depart(waiter.priority, now));
  }

  #depart(priority: Waiter["priority"], now: number): GatePass {
    const flight = this.#lane.leave(now);
    const isUrgent = priority === "urgent";
    if (isUrgent) this.#urgentInFlight += 1;
    let isSettled = false;
    return {
      settle: (outcome) => {
        if (isSettled) return;
        isSettled = true;
        if (isUrgent) {
          this.#urgentInFlight -= 1;
          this.#urgentUntil = this.#now() + lingerMs;
        }
        this.#settle(flight, outcome);
      },
    };
  }

  /** Until when what is left of a window is kept for urgent requests; where nothing limits them, nothing is kept. */
  #keptUntil(now: number): number {
    if (!this.#lane.isPaced) return now;
    return this.#urgentInFlight > 0 ? Number.POSITIVE_INFINITY : this.#urgentUntil;
  }

  /** Tells a waiter how long it will wait at a closed gate, or that this is longer than it may. */
  #announce(waiter: Waiter, ahead: number, now: number): void {
    const { at, earliest } = this.#lane.expectedAt(ahead);
    if (earliest > waiter.giveUpAt) {
      this.#sendAway(waiter, this.#tooLong(waiter, at, now));
    } else if (!waiter.wasTold) {
      waiter.wasTold = true;
      waiter.request.onWait(Math.ceil(at - now));
    }
  }

  #sendAwayOverdue(now: number): void {
    this.#nextGiveUpAt = Number.POSITIVE_INFINITY;
    for (const waiter of [...this.#line]) {
      if (now > waiter.giveUpAt) this.#sendAway(waiter, this.#tooLong(waiter, this.#lane.closedUntil, now));
      else this.#nextGiveUpAt = Math.min(this.#nextGiveUpAt, waiter.giveUpAt);
    }
  }

  #sendAway(waiter: Waiter, reason: unknown): void {
    if (!this.#line.remove(waiter)) return;
    waiter.stopWatching();
    waiter.refuse(reason);
  }

  #tooLong(waiter: Waiter, at: number, now: number): RateLimitError {
    // An open gate that was too busy for this request has no reset to name.
    const retryAfterMs = Math.max(1_000, Math.ceil(at - now));
    const left = Math.max(0, Math.floor((waiter.giveUpAt - now) / 1000));
    return new RateLimitError(
      `The request was not sent, and nothing was changed by it: the rate limit would have it wait for ` +
        `${inSeconds(retryAfterMs)}, and it may wait for ${left} s ("maxWaitMs" of the backoff, or the deadline of ` +
        `the call). Try again in ${inSeconds(retryAfterMs)}.`,
      { headers: this.#closedBy, retryAfterMs, unsent: true },
    );
  }

  #setTimer(now: number): void {
    const kept = this.#keptUntil(now);
    const maxClosedMs = this.#line.first()?.request.maxClosedMs;
    const nextLeave = Math.min(
      this.#lane.nextChangeAt(now, maxClosedMs),
      kept > now ? kept : Number.POSITIVE_INFINITY,
    );
    const at = this.#line.size === 0 ? Number.POSITIVE_INFINITY : Math.min(nextLeave, this.#nextGiveUpAt + 1);
    if (this.#timer?.at === at) return;
    clearTimeout(this.#timer?.handle);
    this.#timer = undefined;
    if (at === Number.POSITIVE_INFINITY) return;
    // Node's timers may fire a millisecond early, and at once beyond the longest that they can hold.
    const delay = Math.min(longestTimerMs, Math.max(1, Math.ceil(at - now) + 1));
    const handle = setTimeout(() => {
      this.#timer = undefined;
      // The timer knows better than a wall clock that was set back while it ran.
      this.#latest = Math.max(this.#latest, Math.min(at, now + delay));
      this.#advance();
    }, delay);
    this.#timer = { handle, at };
  }

  /** Wall time, but never backwards. */
  #now(): number {
    this.#latest = Math.max(this.#latest, Date.now());
    return this.#latest;
  }
}

function laneOutcome(outcome: Outcome): LaneOutcome {
  if (outcome.kind === "lost" || outcome.kind === "unsent") return { kind: outcome.kind };
  const told = parseRateLimit(outcome.headers, Date.now());
  const retryAfterMs = outcome.kind === "refused" ? outcome.retryAfterMs : null;
  if (retryAfterMs === null || told?.retryAfterMs != null || told?.resetMs != null) {
    return { kind: outcome.kind, told };
  }
  return {
    kind: outcome.kind,
    told: { limit: told?.limit ?? null, remaining: told?.remaining ?? null, resetMs: null, retryAfterMs },
  };
}

function inSeconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
