import { lazySource } from "../lazy-source.js";
import type { ToolSource } from "../source.js";
import { checkTrutoOptions, type TrutoOptions } from "./options.js";

/**
 * The tools that Truto lists for an integrated account, called through its proxy.
 *
 * Their names, descriptions and schemas are written by whoever set up the integration: they are checked and
 * bounded here, and a tool that cannot be offered is left out and told of by `onWarning`.
 *
 * @see https://truto.one/docs/guides/tools/overview
 * @throws {@link ToolsetError} `invalid_argument` naming the option that does not fit
 * @example
 * ```ts
 * const manager = new ToolManager({ source: truto({ apiKey, integratedAccountId }) });
 * const tools = await manager.getTools({ methods: ["read", "suspend"] });
 * ```
 */
export function truto(options: TrutoOptions): Required<ToolSource> {
  const checked = checkTrutoOptions(options);
  const key = `${new URL(checked.baseUrl).origin} ${checked.integratedAccountId}`;
  return lazySource(key, async () => {
    const { openTruto } = await import("./client.js");
    return openTruto(key, checked);
  });
}
