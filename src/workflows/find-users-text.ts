import { peopleTable } from "../content/people-table.js";
import { plainText } from "../content/plain-text.js";
import { shownEmail, shownWord } from "../content/shown-email.js";
import {
  hasCriteria,
  type FindUsersCriteria,
  type FindUsersResult,
  type UnfinishedSearch,
} from "./find-users.js";
import { nearPeopleText } from "./near-people-text.js";

/** What a model reads of a search: who was found, and how far the answer can be relied on. */
export function findUsersText(criteria: FindUsersCriteria, result: FindUsersResult): string {
  if (!hasCriteria(criteria)) return countsText(criteria, result);
  const { matches } = result;
  const { unfinished } = result;
  const parts = [
    matches.length === 0 ? nobodyText(criteria, result) : foundText(criteria, result),
    matches.length === 0 ? "" : missingText(criteria, result),
    ignoredText(result),
    matches.length === 0 ? "" : peopleTable(matches),
    nearPeopleText(result.near),
    unfinished === undefined ? "" : unfinishedText(unfinished),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** A server that ignores a filter gives everybody; the people shown were chosen here. */
function ignoredText({ ignored = [] }: FindUsersResult): string {
  return ignored.length === 0
    ? ""
    : `The server ignored the filter by ${ignored.join(" and ")}; it was applied here.`;
}

function countsText(
  { cursor }: FindUsersCriteria,
  { counts, lookedAt, unfinished }: FindUsersResult,
): string {
  const states = Object.entries(counts).map(([state, count]) => `${count} ${shownWord(state)}`);
  const counted = states.join(", ") || "none";
  const end = unfinished === undefined ? "Every page was read." : unfinishedText(unfinished);
  return cursor === undefined && unfinished === undefined
    ? `${people(lookedAt)} in this account: ${counted}. ${end}`
    : `${people(lookedAt)} counted ${cursor === undefined ? "so far" : "from that cursor on, to be added to those before"}: ${counted}. ${end}`;
}

function unfinishedText({ cursor, retryAfterMs }: UnfinishedSearch): string {
  const when = retryAfterMs === null ? "" : ` in ${Math.ceil(retryAfterMs / 1000)} s or later`;
  return (
    `Not finished: there was no time for the rest, and nobody may be said not to be there yet. Next: call again${when} ` +
    `with cursor exactly ${JSON.stringify(cursor)}, all else the same, which looks at the rest.`
  );
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
  return `${count}. ${reachText(criteria, result)}${narrower}${candidates}`;
}

function nobodyText(criteria: FindUsersCriteria, result: FindUsersResult): string {
  const subject = criteriaText(criteria);
  if (!result.complete) return `Nobody found yet ${subject}. ${reachText(criteria, result)}`;
  const others = result.narrowedBy.includes("state") ? ` ${criteria.state ?? ""}` : "";
  const rest = result.narrowedBy.includes("state")
    ? ` People in other states were not looked at: search again without state before saying that somebody is not in the account.`
    : "";
  if (criteria.cursor !== undefined)
    return `Nobody ${subject} from that cursor on: ${people(result.lookedAt)} were looked at.${rest}`;
  return `Nobody ${subject}: all ${result.lookedAt}${others} people were looked at.${rest}`;
}

function missingText(
  { cursor }: FindUsersCriteria,
  { notFound, complete, narrowedBy, lookedAt }: FindUsersResult,
): string {
  if (notFound.length === 0) return "";
  const emails = notFound.map(shownEmail).join(", ");
  if (!complete) return `Not found so far: ${emails}.`;
  if (cursor !== undefined) return `Not from that cursor on (${people(lookedAt)} looked at): ${emails}.`;
  const where = narrowedBy.includes("state") ? "Not in that state" : "Not in this account";
  return `${where} (all ${lookedAt} looked at): ${emails}.`;
}

function reachText(
  { cursor }: FindUsersCriteria,
  { lookedAt, complete, more, narrowedBy, unfinished }: FindUsersResult,
): string {
  if (narrowedBy.includes("email"))
    return `The server was asked for that email and gave ${people(lookedAt)}.`;
  if (cursor !== undefined && (complete || unfinished !== undefined))
    return `${people(lookedAt)} from that cursor on were looked at.`;
  if (complete) return `All ${people(lookedAt)} were looked at.`;
  if (unfinished !== undefined) return `Looked at ${people(lookedAt)} so far.`;
  return `Looked at ${people(lookedAt)} and stopped early, because ${more ? "enough people match" : "every email asked for was found"}.`;
}

function criteriaText({ email, emails, email_domain, name_contains, state }: FindUsersCriteria): string {
  const asked = [...(email === undefined ? [] : [email]), ...(emails ?? [])];
  const parts = [
    state === undefined ? "" : `in state ${state}`,
    asked.length === 1 ? `with the email ${JSON.stringify(plainText(asked[0] ?? "", 254))}` : "",
    asked.length > 1 ? `with any of these ${asked.length} emails` : "",
    email_domain === undefined ? "" : `with an email at ${JSON.stringify(plainText(email_domain, 253))}`,
    name_contains === undefined ? "" : `with ${JSON.stringify(plainText(name_contains, 100))} in the name`,
  ];
  return parts.filter((part) => part !== "").join(" and ");
}

function people(count: number): string {
  return count === 1 ? "1 person" : `${count} people`;
}
