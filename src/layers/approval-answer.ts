import type { ApprovalAnswer } from "./approval-options.js";

/** By symbol of the registry, because entries of this package may each have a copy of this file. */
const brand = Symbol.for("langchain-1password.unfit-answer");

/** Thrown by an `ask` that was given something else than an answer, and can ask once more. */
export class UnfitAnswer extends Error {
  /** @param answer - what was given */
  constructor(
    message: string,
    readonly answer: unknown,
  ) {
    super(message);
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether what was thrown is an {@link UnfitAnswer}. */
export function isUnfitAnswer(error: unknown): error is UnfitAnswer {
  return error instanceof Error && (error as { [brand]?: unknown })[brand] === true;
}

/** Whether a value has the shape of an answer. */
export function isApprovalAnswer(answer: unknown): answer is ApprovalAnswer {
  const { decision, reason, approver, requestId } = (answer ?? {}) as Partial<
    Record<keyof ApprovalAnswer, unknown>
  >;
  const texts = [reason, approver, requestId];
  return (
    (decision === "approve" || decision === "reject") &&
    texts.every((text) => text === undefined || typeof text === "string")
  );
}
