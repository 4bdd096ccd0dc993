/** Says that the command was called with something that cannot be: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Says that what the command was called with is not there or does not work: exit code 1. */
export class StartError extends Error {
  override readonly name = "StartError";
}
