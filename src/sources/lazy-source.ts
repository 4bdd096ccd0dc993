import type { ToolSource } from "./source.js";

/** A source that reads people; it may have nothing to close. */
export type LoadedSource = Required<Omit<ToolSource, "close">> & Pick<ToolSource, "close">;

/**
 * A source whose code is loaded when it is first used, so that each kind weighs only on those who use it.
 *
 * @param key - the source's key, which must be known before
 * @param load - loads and opens it; called once, and again only if it failed
 */
export function lazySource(key: string, load: () => Promise<LoadedSource>): Required<ToolSource> {
  let loading: Promise<LoadedSource> | undefined;
  const loaded = () =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
  return {
    key,
    list: async (...parameters) => (await loaded()).list(...parameters),
    call: async (...parameters) => (await loaded()).call(...parameters),
    readUser: async (...parameters) => (await loaded()).readUser(...parameters),
    async *readUsers(...parameters) {
      yield* (await loaded()).readUsers(...parameters);
    },
    close: async () => (await loaded()).close?.(),
  };
}
