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

/** What a model reads of a search: how many match, who they are, and how far the answer can be relied on. */
export function findUsersText(criteria: FindUsersCriteria, result: FindUsersResult): string {
  if (!hasCriteria(criteria)) return countsText(criteria, result);
  const { matches, atLeast, earlier, unfinished } = result;
  const isNobody = criteria.limit === 0 ? atLeast === 0 : atLeast === earlier;
  const parts = [
    isNobody ? nobodyText(criteria, result) : foundText(criteria, result),
    isNobody ? "" : missingText(criteria, result),
    ignoredText(result),
    matches.length === 0 ? "" : peopleTable(matches),
    nearPeopleText(result.near),
    unfinished === undefined ? moreText(result) : unfinishedText(unfinished),
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

function moreText({ cursor }: FindUsersResult): string {
  return cursor === null
    ? ""
    : `More follow: call again with cursor exactly ${JSON.stringify(cursor)}, all else the same.`;
}

function unfinishedText({ cursor, retryAfterMs }: UnfinishedSearch): string {
  const when = retryAfterMs === null ? "" : ` in ${Math.ceil(retryAfterMs / 1000)} s or later`;
  return (
    `Not finished: there was no time for the rest, and nobody may be said not to be there yet. Next: call again${when} ` +
    `with cursor exactly ${JSON.stringify(cursor)}, all else the same, which looks at the rest.`
  );
}

function foundText(criteria: FindUsersCriteria, result: FindUsersResult): string {
  const { matches } = result;
  const candidates =
    matches.length > 1 && criteria.name_contains !== undefined
      ? " These are candidates: tell them apart by email."
      : "";
  return `${countText(criteria, result)} ${reachText(criteria, result)}${candidates}`;
}

function countText(
  { cursor, limit }: FindUsersCriteria,
  { matches, more, total, atLeast, earlier }: FindUsersResult,
): string {
  const shown = matches.length;
  const isEverybodyShown = !more && cursor === undefined && limit !== 0;
  if (isEverybodyShown) return `${people(shown)} found.`;
  const count = total === null ? `At least ${usersMatch(atLeast)}` : usersMatch(total);
  if (shown === 0) return `${count}.`;
  if (earlier === 0) return `${count}; ${shown === 1 ? "the first is" : `the first ${shown} are`} shown.`;
  const which = shown === 1 ? `number ${earlier + 1} is` : `numbers ${earlier + 1} to ${earlier + shown} are`;
  return `${count}; ${which} shown.`;
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
  { cursor, state }: FindUsersCriteria,
  { lookedAt, complete, more, total, narrowedBy, unfinished }: FindUsersResult,
): string {
  if (narrowedBy.includes("email"))
    return `The server was asked for that email and gave ${people(lookedAt)}.`;
  if (cursor !== undefined && (complete || unfinished !== undefined))
    return `${people(lookedAt)} from that cursor on were looked at.`;
  if (complete)
    return `All ${people(lookedAt, narrowedBy.includes("state") ? state : undefined)} were looked at.`;
  if (unfinished !== undefined) return `Looked at ${people(lookedAt)} so far.`;
  if (more && total !== null) return "They were counted when this search began.";
  return `Looked at ${people(lookedAt)} and stopped early, because every email asked for was found.`;
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

function people(count: number, state?: string): string {
  const which = state === undefined ? "" : `${state} `;
  return count === 1 ? `1 ${which}person` : `${count} ${which}people`;
}

function usersMatch(count: number): string {
  return count === 1 ? "1 user matches" : `${count} users match`;
}
