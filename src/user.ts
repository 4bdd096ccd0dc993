/** Whether a person may sign in. `STATE_UNSPECIFIED` is the API's word for "not known". */
export type UserState = "ACTIVE" | "SUSPENDED" | "STATE_UNSPECIFIED";

/** A person in a 1Password account, as the Users API describes them. */
export interface User {
  /** 26 upper-case letters and digits. */
  readonly id: string;
  readonly email: string;
  readonly display_name: string;
  readonly state: UserState;
  /** When the person joined the account, RFC 3339. */
  readonly create_time: string;
  /** `accounts/<account id>/users/<id>`. */
  readonly path: string;
}

/** What a 26-character id looks like. */
export const userIdPattern = /^[A-Z0-9]{26}$/;

/** Whether a value from a server can be taken for a {@link User}: only what decisions rest on is required. */
export function isUser(value: unknown): value is User {
  if (typeof value !== "object" || value === null) return false;
  const { id, email, state } = value as Partial<Record<keyof User, unknown>>;
  return typeof id === "string" && typeof email === "string" && typeof state === "string";
}

/** The state that an operation brings a person to; `undefined` for one that changes no state. */
export function stateAfter(method: string): UserState | undefined {
  if (method === "suspend") return "SUSPENDED";
  if (method === "reactivate") return "ACTIVE";
  return undefined;
}
