/** By symbol of the registry, because entries of this package may each have a copy of this file. */
const brand = Symbol.for("langchain-1password.readable");

/**
 * Marks an error of an `ask` of this library as one whose text a model may read, such as that its client can show no
 * question. What any other `ask` throws may hold secrets, and only the operator sees it.
 */
export function readableByModel<Thrown extends Error>(error: Thrown): Thrown {
  return Object.defineProperty(error, brand, { value: true });
}

/** Whether an error was marked by {@link readableByModel}. */
export function isReadableByModel(error: unknown): error is Error {
  return error instanceof Error && (error as { [brand]?: unknown })[brand] === true;
}
