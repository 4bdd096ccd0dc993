import { peopleTable } from "../content/people-table.js";
import { plainText } from "../content/plain-text.js";
import { hasCriteria, type FindUsersCriteria, type FindUsersResult } from "./find-users.js";

/** What a model reads of a search: who was found, and how far the answer can be relied on. */
export function findUsersText(criteria: FindUsersCriteria, result: FindUsersResult): string {
  if (!hasCriteria(criteria)) return countsText(result);
  const { matches } = result;
  const parts = [
    matches.length === 0 ? nobodyText(criteria, result) : foundText(criteria, result),
    matches.length === 0 ? "" : missingText(result),
    matches.length === 0 ? "" : peopleTable(matches),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function countsText({ counts, lookedAt }: FindUsersResult): string {
  const states = Object.entries(counts).map(([state, count]) => `${count} ${plainText(state, 40)}`);
  return `${people(lookedAt)} in this account: ${states.join(", ") || "none"}. Every page was read.`;
}

function foundText(criteria: FindUsersCriteria, result: FindUsersResult): string {
  const { matches, more } = result;
  const count = more
    ? `More than ${matches.length} people match; these are the first ${matches.length}`
    : `${people(matches.length)} found`;
  const candidates =
    matches.length > 1 && criteria.name_contains !== undefined
      ? " These are candidates: tell them apart by email before acting on one."
      : "";
  const narrower = more ? " Narrow the search, or raise limit." : "";
  return `${count}. ${reachText(result)}${narrower}${candidates}`;
}

function nobodyText(criteria: FindUsersCriteria, result: FindUsersResult): string {
  const subject = criteriaText(criteria);
  if (!result.complete) return `Nobody found yet ${subject}. ${reachText(result)}`;
  const others = result.narrowedBy.includes("state") ? ` ${criteria.state ?? ""}` : "";
  const rest = result.narrowedBy.includes("state")
    ? ` People in other states were not looked at: search again without state before saying that somebody is not in the account.`
    : "";
  return `Nobody ${subject}: all ${result.lookedAt}${others} people were looked at.${rest}`;
}

function missingText({ notFound, complete, narrowedBy, lookedAt }: FindUsersResult): string {
  if (notFound.length === 0) return "";
  const emails = notFound.map((email) => plainText(email, 254)).join(", ");
  if (!complete) return `Not found so far: ${emails}.`;
  const where = narrowedBy.includes("state") ? "Not in that state" : "Not in this account";
  return `${where} (all ${lookedAt} looked at): ${emails}.`;
}

function reachText({ lookedAt, complete, more, narrowedBy }: FindUsersResult): string {
  if (narrowedBy.includes("email"))
    return `The server was asked for that email and gave ${people(lookedAt)}.`;
  if (complete) return `All ${people(lookedAt)} were looked at.`;
  return `Looked at ${people(lookedAt)} and stopped early, because ${more ? "enough people match" : "every email asked for was found"}.`;
}

function criteriaText({ email, emails, email_domain, name_contains, state }: FindUsersCriteria): string {
  const asked = [...(email === undefined ? [] : [email]), ...(emails ?? [])];
  const parts = [
    state === undefined ? "" : `in state ${state}`,
    asked.length === 1 ? `with the email "${plainText(asked[0] ?? "", 254)}"` : "",
    asked.length > 1 ? `with any of these ${asked.length} emails` : "",
    email_domain === undefined ? "" : `with an email at "${plainText(email_domain, 253)}"`,
    name_contains === undefined ? "" : `with "${plainText(name_contains, 100)}" in the name`,
  ];
  return parts.filter((part) => part !== "").join(" and ");
}

function people(count: number): string {
  return count === 1 ? "1 person" : `${count} people`;
}
