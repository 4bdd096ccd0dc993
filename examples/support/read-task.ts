/** What a sentence asks for, as far as the offline planner understands sentences. */
export type Task =
  | { kind: "state"; verb: "suspend" | "reactivate"; state: "SUSPENDED" | "ACTIVE"; email: string }
  | { kind: "look"; email: string }
  | { kind: "count" }
  | { kind: "unclear"; why: string };

const emails = /[^\s"<>()[\],;:@\\]+@[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+/gu;

const leaving = /\b(?:left|leaves|leaving|leaver|offboard|suspend)\b/i;
const returning = /\b(?:is|are|comes|came) back\b|\b(?:has|have) returned\b|\breactivate\b/i;
const lookingOnly = /\b(?:change nothing|only look|do not|don't|never)\b/i;
const counting = /\bhow many\b|\bcount\b/i;

/** Reads the task out of what a person wrote. What is not clear is asked about, never guessed. */
export function readTask(sentence: string): Task {
  const named = new Map(emailsIn(sentence).map((email) => [comparable(email), email]));
  const [email, ...others] = named.values();
  if (email === undefined) {
    return counting.test(sentence)
      ? { kind: "count" }
      : { kind: "unclear", why: "I need the whole email address of one person, or a question of how many." };
  }
  if (others.length > 0) {
    return { kind: "unclear", why: `You name ${others.length + 1} people. Give me one at a time.` };
  }
  // An address may hold any word.
  const words = sentence.replaceAll(emails, " ");
  const [leaves, returns] = [leaving.test(words), returning.test(words)];
  if (lookingOnly.test(words) || (!leaves && !returns)) return { kind: "look", email };
  if (leaves && returns) {
    return { kind: "unclear", why: `Has ${email} left, or are they back? I changed nothing.` };
  }
  return leaves
    ? { kind: "state", verb: "suspend", state: "SUSPENDED", email }
    : { kind: "state", verb: "reactivate", state: "ACTIVE", email };
}

/** The email addresses in a text, in its order, without the quotes that may stand around them. */
export function emailsIn(text: string): string[] {
  return [...text.matchAll(emails)].map(([email]) => email.replace(/^['‘“`*]+/u, ""));
}

/** An email as it is compared: NFC, trimmed, lower case. */
export function comparable(email: string): string {
  return email.normalize("NFC").trim().toLowerCase();
}
