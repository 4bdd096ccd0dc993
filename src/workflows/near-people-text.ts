import { peopleTable } from "../content/people-table.js";
import type { User } from "../user.js";

/** What is told of people whose emails could be taken for one that nobody has; empty where there are none. */
export function nearPeopleText(near: readonly User[]): string {
  if (near.length === 0) return "";
  const have = near.length === 1 ? "this person has" : "these people have";
  return (
    `Near it, and another address: ${have} an email that could be taken for it. Change none of them for it; ask ` +
    `the person who gave you the task which address is meant.\n${peopleTable(near)}`
  );
}
