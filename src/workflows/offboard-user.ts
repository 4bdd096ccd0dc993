import type { AnswerMeta, Context, Refusal } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import { soleUser } from "../layers/targets.js";
import { comparableEmail, comparableEmailIn } from "../email-address.js";
import type { User, UserState } from "../user.js";
import { userByEmail } from "./user-by-email.js";
import type { AccountTools } from "./workflow.js";

/** Whom to offboard. With both, the id is checked against the email. */
export interface OffboardUserOptions {
  email?: string;
  /** 26 upper-case letters and digits. */
  id?: string;
  /** Why, such as a ticket: shown to the approver and recorded. */
  reason?: string | undefined;
}

/** What became of an offboarding. */
export interface OffboardUserReport {
  readonly id: string;
  readonly email: string;
  readonly previous_state: UserState | "unknown";
  /** As read afterwards. */
  readonly state: UserState | "unknown";
  /** `null` where nobody looked before. */
  readonly changed: boolean | null;
  /** Whether the person was read afterwards, is suspended, and has the email that was judged. */
  readonly verified: boolean;
  /** What has to be known beside that, such as that nothing was left to do. */
  readonly note?: string;
  /** What suspending does not do, and somebody has to. */
  readonly next_steps: readonly string[];
}

/** How an offboarding ends: with a report, a plan, or a refusal. */
type OffboardUserEnd =
  | {
      readonly kind: "report";
      readonly report: OffboardUserReport;
      readonly user?: User;
      readonly meta: AnswerMeta;
    }
  | { readonly kind: "planned"; readonly would: string }
  | ({ readonly kind: "refused" } & Refusal);

const nextSteps: readonly string[] = [
  "Offline devices keep local data until they reconnect.",
  "Remove them from directory sync, or it may reactivate them.",
  "Rotate shared secrets they could see.",
  "Check the auto-delete policy for suspended people.",
];

/** Finds a person, suspends them through every guard, and reads them again. */
export async function runOffboarding(
  options: OffboardUserOptions,
  context: Context,
  tools: AccountTools,
): Promise<OffboardUserEnd> {
  const { email, id, reason } = options;
  if (id !== undefined && typeof (id as unknown) !== "string") {
    throw new ToolsetError(
      "invalid_argument",
      `"id" is a ${typeof id}, and an id is a text. Nothing was sent. Next: give it as it stands in the directory.`,
    );
  }
  const found = id ?? (await idOf(email, context, tools));
  if (typeof found !== "string") return found;
  const facts = {
    ...(email === undefined ? {} : { expected_email: email }),
    ...(reason === undefined ? {} : { reason }),
  };
  const result = await tools.write("suspend", found, facts, context);
  if (result.kind === "planned" || result.kind === "refused") return result;
  if (result.kind === "answer") {
    throw new ToolsetError(
      "bad_response",
      `Suspending "${found}" was answered with something else than a person. Read the person before anything else.`,
      { inDoubt: true },
    );
  }
  const user = await readAfterwards(found, context);
  const state = user?.state ?? result.state;
  const before = soleUser(context);
  const judged = email === undefined ? before && comparableEmail(before.email) : comparableEmailIn(email);
  const isOther =
    result.showsAnother === true ||
    (user !== undefined && judged !== undefined && comparableEmail(user.email) !== judged);
  const report: OffboardUserReport = {
    id: found,
    email: plainText((user ?? result.user)?.email ?? email ?? "", 254),
    previous_state: result.previous,
    state,
    changed: result.changed,
    verified: user?.state === "SUSPENDED" && !isOther,
    ...noteOf(result.note, user, isOther && result.showsAnother !== true),
    next_steps: nextSteps,
  };
  const shown = user ?? result.user;
  return { kind: "report", report, ...(shown === undefined ? {} : { user: shown }), meta: result.meta };
}

async function idOf(
  email: string | undefined,
  context: Context,
  { source }: AccountTools,
): Promise<string | OffboardUserEnd> {
  if (email === undefined || email.trim() === "") {
    throw new ToolsetError(
      "invalid_argument",
      `Neither "email" nor "id" was given. Nothing was sent. Next: call it with the leaver's email.`,
    );
  }
  const found = await userByEmail(source, email, context);
  return "user" in found ? found.user.id : { kind: "refused", ...found.refusal };
}

async function readAfterwards(id: string, context: Context): Promise<User | undefined> {
  try {
    return await context.readUser(id, { fresh: true });
  } catch (error) {
    // The change was made; that it could not be looked at is part of the report, not an error in its place.
    if (isToolsetError(error) && !context.signal.aborted) return undefined;
    throw error;
  }
}

function noteOf(note: string | undefined, user: User | undefined, isOther: boolean): { note?: string } {
  const unread = user === undefined ? "the person could not be read afterwards" : undefined;
  const undone =
    user !== undefined && user.state !== "SUSPENDED" ? `read afterwards, they are ${user.state}` : undefined;
  const other = isOther
    ? "read afterwards, they have another email than the person who was judged before"
    : undefined;
  const notes = [note, unread, undone, other].filter((one) => one !== undefined);
  return notes.length === 0 ? {} : { note: notes.join("; ") };
}
