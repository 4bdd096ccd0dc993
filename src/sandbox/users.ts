/** Whether a person may sign in, in the API's words. */
export type SandboxUserState = "ACTIVE" | "SUSPENDED" | "STATE_UNSPECIFIED";

/**
 * What a person is in the account. The API does not tell; it shows only in who cannot be suspended: an
 * externally managed administrator, and the last active owner.
 */
export type SandboxRole = "member" | "owner" | "externally_managed_admin";

/**
 * A person in the sandbox's account. It is the live record: what the API changes shows here, and what is
 * changed here (a state, an email) is what the API tells from then on, as if somebody else had done it.
 */
export interface SandboxUser {
  /** 26 of A to Z and 2 to 7. */
  readonly id: string;
  email: string;
  display_name: string;
  state: SandboxUserState;
  /** When the person joined the account, RFC 3339. */
  create_time: string;
  /** `accounts/<account id>/users/<id>`. */
  readonly path: string;
  role: SandboxRole;
}

/**
 * A person to put into the account. Only the email is needed: a missing id and time of joining come from
 * the seed, a missing name is the email's first half, and people are active members unless told otherwise.
 * `path` is taken, so that the API's own users fit, and made anew for this account.
 */
export type SandboxUserInput = Pick<SandboxUser, "email"> & Partial<SandboxUser>;

/** A person as both APIs tell them: all but the role. */
export function toWire(user: SandboxUser): Omit<SandboxUser, "role"> {
  const { id, email, display_name, state, create_time, path } = user;
  return { id, email, display_name, state, create_time, path };
}
