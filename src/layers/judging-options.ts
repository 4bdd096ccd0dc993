import type { GuardOptions } from "./guard-options.js";

/** The guards that have to know whom a write concerns, by the names of their options. */
export function judgingOptions({ protect = [], identity, approval, taskUsers }: GuardOptions): string[] {
  const protects = typeof protect === "function" || protect.length > 0;
  return [
    ...(protects ? ["protect"] : []),
    ...(identity === "required" ? ["identity"] : []),
    ...(approval === undefined ? [] : ["approval"]),
    ...(taskUsers === undefined ? [] : ["taskUsers"]),
  ];
}
