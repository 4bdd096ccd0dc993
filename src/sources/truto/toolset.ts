import type { StructuredTool } from "@langchain/core/tools";
import { checkGivenFilter, type ToolFilter } from "../../filter.js";
import { isReadOnlyByEnvironment } from "../../environment.js";
import { refuseUnknownOptions } from "../../option-error.js";
import { createToolkit } from "../../toolkit.js";
import { warningListener } from "../../warning.js";
import type { SecretOption } from "../option-checks.js";
import { checkTrutoOptions, type TrutoOptions } from "./options.js";
import { truto } from "./source.js";

/** Options of {@link TrutoLangchainToolManager}. */
export interface TrutoLangchainToolManagerOptions {
  /** A Truto API key, or what fetches it. `undefined` is refused when it is given, not when it is compiled. */
  apiKey: SecretOption | undefined;
  /** Another host, as in {@link TrutoOptions}. @default "https://api.truto.one" */
  baseUrl?: string | undefined;
}

/**
 * Takes the place of the class of the same name that Truto's articles show: exactly the tools that Truto
 * lists for an integrated account, nothing added. What differs is what happens when a call fails. A rate
 * limit is thrown, with `status` and `headers`, so that the `catch` of those articles is reached.
 *
 * For backoff, guards and the tools that find people use `ToolManager` with {@link truto} as its source.
 *
 * @see https://truto.one/blog/connect-1password-to-ai-agents-automate-user-account-lifecycle/
 * @example
 * ```ts
 * const toolManager = new TrutoLangchainToolManager({ apiKey: process.env.TRUTO_API_KEY });
 * const tools = await toolManager.getTools(integratedAccountId, { methods: ["read", "custom"] });
 * ```
 */
export class TrutoLangchainToolManager {
  readonly #options: Pick<TrutoOptions, "apiKey" | "baseUrl">;

  /** @throws `ToolsetError` `invalid_argument` naming the option that does not fit */
  constructor(options: TrutoLangchainToolManagerOptions) {
    refuseUnknownOptions(options, ["apiKey", "baseUrl"], "TrutoLangchainToolManager");
    const { apiKey, baseUrl } = options;
    // One that is missing is refused by the check.
    this.#options = { apiKey: apiKey ?? "", baseUrl };
    checkTrutoOptions({ ...this.#options, integratedAccountId: "not-known-yet" });
  }

  /**
   * The tools of an integrated account.
   *
   * @throws `ToolsetError` for a filter that selects nothing known, and what the request for the list throws
   */
  async getTools(integratedAccountId: string, filter: ToolFilter = {}): Promise<StructuredTool[]> {
    checkGivenFilter(filter);
    const toolkit = createToolkit({
      source: truto({ ...this.#options, integratedAccountId }),
      definitions: [],
      search: false,
      workflows: false,
      layers: [],
      guards: { identity: "off", repeats: false },
      backoff: false,
      names: "truto",
      readOnly: isReadOnlyByEnvironment(),
      handleErrors: "fixable",
      artifact: "full",
      onWarning: warningListener(undefined),
    });
    return toolkit.tools(filter);
  }
}
