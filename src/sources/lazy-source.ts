import { userIdPattern } from "../user.js";
import type { ToolSource } from "./source.js";

/** A source that reads people; it may have nothing to close. */
export type LoadedSource = Required<Omit<ToolSource, "close" | "leftOut" | "userIds">> &
  Pick<ToolSource, "close" | "leftOut">;

/**
 * A source whose code is loaded when it is first used, so that each kind weighs only on those who use it.
 *
 * @param key - the source's key, which must be known before
 * @param load - loads and opens it; called once, and again only if it failed
 */
export function lazySource(key: string, load: () => Promise<LoadedSource>): Required<ToolSource> {
  let loading: Promise<LoadedSource> | undefined;
  let opened: LoadedSource | undefined;
  const open = async () => {
    try {
      return (opened = await load());
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
  const loaded = () => (loading ??= open());
  return {
    key,
    userIds: userIdPattern,
    list: async (...parameters) => (await loaded()).list(...parameters),
    call: async (...parameters) => (await loaded()).call(...parameters),
    readUser: async (...parameters) => (await loaded()).readUser(...parameters),
    async *readUsers(...parameters) {
      yield* (await loaded()).readUsers(...parameters);
    },
    leftOut: (name) => opened?.leftOut?.(name),
    close: async () => (await loaded()).close?.(),
  };
}
