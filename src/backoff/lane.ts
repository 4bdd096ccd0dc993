import { ProbeRound } from "./probe-round.js";
import {
  countAnswer,
  countStray,
  isFromNext,
  isStale,
  leftAtFirst,
  useSlot,
  type Flight,
  type LaneWindow,
  type News,
} from "./lane-window.js";
import { isSameReset, narrowed, resetSpan, type ResetSpan } from "./reset-span.js";
import type { ParsedRateLimit } from "./rate-limit-headers.js";
import { estimateAfter } from "./window-estimate.js";

/** What became of a request, as far as a rate limit is concerned. */
export type LaneOutcome =
  | { readonly kind: "answered" | "refused"; readonly told: ParsedRateLimit | null }
  | { readonly kind: "lost" | "unsent" };

/** The first and the longest pause where the server gives no time. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** The least wait after a probe was refused: it was sent when the server said that it might be. */
const refusedProbeMs = 1_000;
const longestAllowanceMs = 2_000;
/** The longest that the first request after a reset is held back where others wait for the same reset. */
const longestSpreadMs = 1_000;
/** From how many windows on that others had used as well the account is taken for shared, and how many are counted. */
const sharedFrom = 3;
const mostShared = 5;

/**
 * What is known of one account's rate limit, and what follows from it: whether a request may leave now. It has
 * no clock and no timer; every method is given the time, in milliseconds, which never runs backwards.
 *
 * A lane begins cold, and is cold again once a window is over: one probe leaves, and its answer tells how many
 * may follow. Where answers tell what remains, that number less the requests in flight may leave. Where they
 * tell nothing, everything may, until a 429; from then on, the number that got through a window is the estimate.
 * A 429, or nothing remaining, closes the lane until the reset.
 */
export class Lane {
  #window: LaneWindow | null = null;
  #closure: ResetSpan | null = null;
  #closedAt = Number.NEGATIVE_INFINITY;
  /** When the server last said that the lane is to be closed, or was last asked; `null` where the closing is our own. */
  #closedSince: number | null = null;
  #reserved = 0;
  /** How many windows others have used as well, less those that they have not. */
  #shared = 0;
  /** By how much it opens later than the reset, so that those who share the account do not all come at once. */
  #spreadMs = 0;
  #mustProbe = true;
  #round: ProbeRound | null = null;
  #inFlight = 0;
  #estimate: number | null = null;
  #windowMs: number | null = null;
  #sawWholeWindow = false;
  #allowanceMs = 0;
  #silentRefusals = 0;
  /** When the newest of the requests left whose 429 closed the lane; `Infinity` where none did. */
  #refusedSentAt = Number.POSITIVE_INFINITY;

  /** Until when nothing may leave; in the past for a lane that is open. */
  get closedUntil(): number {
    return this.#closure === null ? Number.NEGATIVE_INFINITY : this.#closure.by + this.#spreadMs;
  }

  /** Whether nothing would be lost but what one probe can learn again. */
  isIdle(now: number): boolean {
    return this.#inFlight === 0 && this.#reserved === 0 && now >= this.closedUntil;
  }

  /** Whether it is known how many may leave in a window. */
  get isPaced(): boolean {
    return this.#window !== null && this.#window.remaining !== null;
  }

  /**
   * Whether a request may leave now.
   *
   * @param permits - how many are to leave one after another, with it as the first
   * @param maxClosedMs - how long a server's word that nothing may leave is believed
   */
  mayLeave(now: number, permits = 1, maxClosedMs = Number.POSITIVE_INFINITY): boolean {
    if (now < this.closedUntil) return now >= this.#doubtedAt(maxClosedMs);
    return this.#hasRoom(now, this.#reserved + permits);
  }

  /** Whether a request may leave now that something is reserved for. */
  mayLeaveReserved(now: number): boolean {
    return now >= this.closedUntil && this.#hasRoom(now, 1);
  }

  /**
   * When {@link Lane.mayLeave} may become true by time alone; `Infinity` where only an answer can do that.
   *
   * @param maxClosedMs - as there
   */
  nextChangeAt(now: number, maxClosedMs = Number.POSITIVE_INFINITY): number {
    if (now < this.closedUntil) return Math.min(this.closedUntil, this.#doubtedAt(maxClosedMs));
    if (this.#needsProbe(now)) return this.#round?.nextRoomAt(now) ?? now;
    return this.isPaced ? (this.#window?.reset?.by ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  }

  /** Keeps so many places for requests that are to leave soon; a negative number gives places back. */
  reserve(places: number): void {
    this.#reserved += places;
  }

  /**
   * When a request will leave that has so many others ahead of it, while the lane is closed: at the pace seen so
   * far, and at the earliest, by the limit that the server told and the shortest that its window can be.
   */
  expectedAt(ahead: number): { at: number; earliest: number } {
    const window = this.#window;
    const limit = window?.isTold === true ? window.limit : null;
    const perWindow = limit ?? this.#estimate;
    const windows = perWindow === null ? 0 : Math.floor(ahead / Math.max(1, perWindow));
    return {
      at: this.closedUntil + windows * (this.#windowMs ?? 0),
      earliest: this.closedUntil + (limit === null ? 0 : windows * (window?.leastMs ?? 0)),
    };
  }

  leave(now: number): Flight {
    const round = this.#needsProbe(now) ? (this.#round ??= new ProbeRound(now)) : null;
    if (round !== null) round.out += 1;
    this.#inFlight += 1;
    const closedSince = now < this.closedUntil ? this.#closedSince : null;
    if (closedSince !== null) this.#closedSince = now;
    return {
      sentAt: now,
      round,
      window: this.#window,
      remaining: this.#window?.remaining ?? null,
      ...(closedSince === null ? {} : { closedSince }),
    };
  }

  settle(flight: Flight, outcome: LaneOutcome, now: number): void {
    this.#inFlight -= 1;
    if (flight.round !== null) flight.round.out -= 1;
    switch (outcome.kind) {
      case "answered":
        this.#learn(flight, outcome.told, now);
        return;
      case "refused":
        this.#refuse(flight, outcome.told, now);
        return;
      case "lost":
        if (flight.round !== null) flight.round.lost += 1;
        if (this.#window !== null && !isStale(flight, this.#window)) useSlot(this.#window);
        return;
      case "unsent":
        // Nobody was asked.
        if (this.#isAsking(flight)) this.#closedSince = flight.closedSince ?? null;
        return;
    }
  }

  /** When a closing that the server told of is not believed any more, unless it says so again. */
  #doubtedAt(maxClosedMs: number): number {
    return this.#closedSince === null ? Number.POSITIVE_INFINITY : this.#closedSince + maxClosedMs;
  }

  /** Whether a request left a closed lane to ask again, and nothing was told since. */
  #isAsking({ sentAt, closedSince }: Flight): boolean {
    return closedSince !== undefined && this.#closedSince === sentAt;
  }

  #hasRoom(now: number, places: number): boolean {
    if (this.#needsProbe(now)) return this.#round?.hasRoom(now) ?? true;
    const remaining = this.#window?.remaining ?? null;
    return remaining === null || remaining - this.#inFlight >= places;
  }

  #needsProbe(now: number): boolean {
    if (this.#mustProbe || this.#window === null) return true;
    if (!this.isPaced) return false;
    const { reset, remaining } = this.#window;
    return reset === null ? remaining === 0 && this.#inFlight === 0 : now >= reset.by;
  }

  #learn(flight: Flight, told: ParsedRateLimit | null, now: number): void {
    const resetMs = told?.resetMs ?? null;
    const news: News = {
      limit: told?.limit ?? null,
      remaining: told?.remaining ?? null,
      reset: resetMs === null ? null : resetSpan(flight.sentAt, now, resetMs, this.#allowanceMs),
    };
    const isAsking = this.#isAsking(flight);
    // It got through: what closed the lane is over, or this answer says again until when.
    if (isAsking) this.#open();
    const isAwaited = isAsking || (flight.round !== null && flight.round === this.#round);
    let window = this.#window;
    if (window !== null && isStale(flight, window)) countStray(window, news);
    else if (window === null || isAwaited || isFromNext(window, flight, news))
      window = this.#begin(flight, news, now);
    else countAnswer(window, flight, news);
    if (window.remaining !== 0) return;
    // A success that left after a refused request is from a newer window than the refusal told of.
    if (flight.sentAt >= this.#refusedSentAt) this.#open();
    if (window.reset !== null) this.#close(flight, window.reset, now, true);
    else if (now >= this.closedUntil) this.#close(flight, this.#silentPause(now), now, false);
  }

  #begin(flight: Flight, { limit, remaining, reset }: News, now: number): LaneWindow {
    const last = this.#window;
    const isWhole = flight.round !== null;
    if (isWhole && limit !== null && remaining !== null && this.#inFlight === 0) {
      this.#noteOthers(remaining < limit - 1);
    }
    if (remaining === null && last !== null) this.#estimate = estimateAfter(last, this.#estimate);
    if (remaining !== null && reset !== null) {
      this.#noteLength(reset.by - flight.sentAt, isWhole && last !== null);
    }
    const countTo =
      limit !== null && reset !== null ? Math.min(limit, this.#estimate ?? limit) : this.#estimate;
    const counted = countTo === null ? null : Math.max(0, countTo - 1);
    const end = { after: flight.sentAt, by: flight.sentAt + (this.#windowMs ?? 0) };
    const window: LaneWindow = {
      startedAt: flight.sentAt,
      lastSentAt: flight.sentAt,
      limit,
      remaining: remaining === null ? counted : leftAtFirst(last, flight, remaining),
      reset: reset ?? (this.#windowMs === null ? null : end),
      leastMs: reset === null ? 0 : Math.max(0, reset.after - now),
      isTold: remaining !== null,
      isWhole,
      succeeded: 1,
      refused: false,
      toldLimit: null,
    };
    this.#window = window;
    if (flight.sentAt >= this.closedUntil) {
      this.#mustProbe = false;
      this.#round = null;
      this.#silentRefusals = 0;
    }
    return window;
  }

  #refuse(flight: Flight, told: ParsedRateLimit | null, now: number): void {
    const ms = told?.retryAfterMs ?? told?.resetMs ?? null;
    // Sent before the lane was closed, it tells nothing that the one that closed it did not.
    if (ms === null && flight.sentAt <= this.#closedAt) return;
    const isAsking = this.#isAsking(flight);
    if (isAsking && ms === null) {
      // Refused again without another time, the one that was told before still holds.
      this.#closedSince = now;
      return;
    }
    if (isAsking) this.#open();
    const isProbe = flight.round !== null && !isAsking;
    // With no time left, it is the server's rounding rather than others that made it come too early.
    if (isProbe && ms !== null && ms > 0) this.#noteOthers(true);
    if (isProbe && ms === 0) {
      this.#allowanceMs = Math.min(longestAllowanceMs, this.#allowanceMs + 1_000);
    }
    const leastMs = isProbe ? refusedProbeMs : 0;
    const span =
      ms === null
        ? this.#silentPause(now)
        : this.#tightened(flight, resetSpan(flight.sentAt, now, Math.max(leastMs, ms), this.#allowanceMs));
    const window = this.#window;
    if (window !== null && !isStale(flight, window)) {
      if (!window.isTold) this.#measure(window, flight, span, now);
      window.refused = true;
      window.toldLimit = told?.limit ?? window.toldLimit;
    }
    this.#close(flight, span, now, ms !== null);
    const last = Number.isFinite(this.#refusedSentAt) ? this.#refusedSentAt : flight.sentAt;
    this.#refusedSentAt = Math.max(last, flight.sentAt);
  }

  /** A 429 rounds its time up afresh; the end of the window that its request was sent in may be known better. */
  #tightened(flight: Flight, span: ResetSpan): ResetSpan {
    const end = this.#window?.isTold === true ? this.#window.reset : null;
    if (end === null || end.by <= flight.sentAt || !isSameReset(end, span)) return span;
    return narrowed(end, span);
  }

  /** Learns from a refusal how long windows are, where answers do not tell. */
  #measure(window: LaneWindow, flight: Flight, span: ResetSpan, now: number): void {
    if (flight.round !== null) {
      this.#windowMs = Math.max(this.#windowMs ?? 0, span.by - now);
    } else {
      this.#noteLength(span.by - (window.isWhole ? window.startedAt : now), window.isWhole);
    }
  }

  #noteLength(ms: number, isWhole: boolean): void {
    if (isWhole) {
      this.#windowMs = this.#sawWholeWindow ? Math.min(this.#windowMs ?? ms, ms) : ms;
      this.#sawWholeWindow = true;
    } else {
      this.#windowMs ??= ms;
    }
  }

  #open(): void {
    this.#closure = null;
    this.#closedSince = null;
    this.#refusedSentAt = Number.POSITIVE_INFINITY;
  }

  #close(flight: Flight, span: ResetSpan, now: number, isTold: boolean): void {
    const current = this.#closure;
    if (current !== null && flight.sentAt < current.by) {
      if (isSameReset(current, span)) this.#closure = narrowed(current, span);
      else if (span.after >= current.by) this.#closeFor(span);
      if (this.closedUntil <= now) return;
    } else {
      this.#closeFor(span);
    }
    if (now < this.closedUntil) {
      this.#round = null;
      this.#closedAt = now;
      this.#closedSince = isTold ? now : null;
    }
    this.#mustProbe = true;
  }

  #closeFor(span: ResetSpan): void {
    this.#closure = span;
    const spreadMs = Math.min(longestSpreadMs, (this.#windowMs ?? longestSpreadMs) / 4);
    this.#spreadMs = this.#shared < sharedFrom ? 0 : Math.random() * spreadMs;
  }

  #noteOthers(wereThere: boolean): void {
    this.#shared = Math.max(0, Math.min(mostShared, this.#shared + (wereThere ? 1 : -1)));
  }

  /** How long to wait where the server gave no time: doubling, and by chance longer, never shorter. */
  #silentPause(now: number): ResetSpan {
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#silentRefusals);
    this.#silentRefusals = Math.min(10, this.#silentRefusals + 1);
    return { after: now, by: now + Math.ceil(pause * (1 + Math.random() * 0.25)) };
  }
}
