import type { User } from "../../user.js";

/** What a list of people may be narrowed by. */
export type PeopleFilter = "state" | "email";

/** Whether a person fits a filter as it was sent; `null` where the filter's value is not understood. */
function fits(user: User, filter: PeopleFilter, value: unknown): boolean | null {
  if (typeof value !== "string" || value === "") return null;
  // A server may take part of an address; one that holds it nowhere fits no such filter.
  if (filter === "email") return user.email.toLowerCase().includes(value.trim().toLowerCase());
  const state = value.toUpperCase();
  return state === "ACTIVE" || state === "SUSPENDED" ? user.state.toUpperCase() === state : null;
}

/** The filters that were sent and that the answer plainly ignores: it holds people who do not fit them. */
export function ignoredFilters(
  users: readonly User[],
  args: Readonly<Record<string, unknown>>,
): readonly PeopleFilter[] {
  return (["state", "email"] as const).filter((filter) =>
    users.some((user) => fits(user, filter, args[filter]) === false),
  );
}

/** A page of people by the filters that the server ignored, and what has to be said of it. */
export function filteredHere(
  users: readonly User[],
  args: Readonly<Record<string, unknown>>,
  ignored: readonly PeopleFilter[],
): { users: User[]; note: string } {
  const fitting = users.filter((user) =>
    ignored.every((filter) => fits(user, filter, args[filter]) === true),
  );
  return {
    users: fitting,
    note:
      `The server ignored the filter by ${ignored.join(" and ")}; it was applied here: ${fitting.length} of the ` +
      `${users.length} people on this page fit it.`,
  };
}
