import type { SandboxUser, SandboxUserState } from "./users.js";

/** Why somebody cannot be suspended. */
export type SuspensionObstacle = "no_owner_remain" | "externally_managed_admin";

/** What became of an attempt to change somebody's state. */
export type StateChange =
  | { kind: "changed" | "unchanged"; user: SandboxUser }
  | { kind: "refused"; obstacle: SuspensionObstacle }
  | { kind: "unknown" };

/** The one account in memory that both APIs speak of. */
export interface Account {
  readonly users: readonly SandboxUser[];
  find(id: string): SandboxUser | undefined;
  /** The people who match, from a position in the account's order on. */
  page(matches: (user: SandboxUser) => boolean, start: number, size: number): AccountPage;
  setState(id: string, state: Exclude<SandboxUserState, "STATE_UNSPECIFIED">): StateChange;
}

/** People, and the position of the next one who matches; `null` when nobody is left. */
export interface AccountPage {
  readonly users: readonly SandboxUser[];
  readonly next: number | null;
}

/** Makes an account of people. Their order never changes, so that a page costs no sorting. */
export function createAccount(users: readonly SandboxUser[]): Account {
  const byId = new Map(users.map((user) => [user.id, user]));
  const isLastActiveOwner = (user: SandboxUser) =>
    user.role === "owner" &&
    !users.some((other) => other !== user && other.role === "owner" && other.state === "ACTIVE");
  const obstacleTo = (user: SandboxUser): SuspensionObstacle | null => {
    if (user.role === "externally_managed_admin") return "externally_managed_admin";
    return isLastActiveOwner(user) ? "no_owner_remain" : null;
  };
  return {
    users,
    find: (id) => byId.get(id),
    page: (matches, start, size) => {
      const page: SandboxUser[] = [];
      for (let position = start; position < users.length; position++) {
        const user = users[position];
        if (!user || !matches(user)) continue;
        if (page.length === size) return { users: page, next: position };
        page.push(user);
      }
      return { users: page, next: null };
    },
    setState: (id, state) => {
      const user = byId.get(id);
      if (!user) return { kind: "unknown" };
      // Idempotence comes before every rule: whoever is suspended already stays so, owner or not.
      if (user.state === state) return { kind: "unchanged", user };
      const obstacle = state === "SUSPENDED" ? obstacleTo(user) : null;
      if (obstacle) return { kind: "refused", obstacle };
      user.state = state;
      return { kind: "changed", user };
    },
  };
}
