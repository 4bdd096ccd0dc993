import { createRequestStateCodec, type ServerContext } from "@modelcontextprotocol/server";
import { fromBase64Url, toBase64Url } from "../base64url.js";
import { canonicalJson } from "../layers/canonical-json.js";
import { digest } from "../layers/approval-signature.js";
import type { McpAccess } from "./access.js";

/** A call that waits for a person's answer, as the client hands it back. */
export interface OpenQuestion {
  /** The id of the approval request that was shown. */
  readonly request: string;
  /** The call that asked: its repetition is the same call. */
  readonly call: string;
  /** A digest of the tool and its arguments. */
  readonly about: string;
}

/** How long a question may come back, in seconds: longer than approvals hold, whose own end is told in better words. */
const ttlSeconds = 86_400;

/**
 * Signs open questions, bound to who asks, which server and which account: nobody else's answer fits.
 *
 * @param key - at least 32 bytes
 */
export function questionCodec(key: string | Uint8Array, { principal, server }: McpAccess, account: string) {
  const binding = canonicalJson([principal, server, account]);
  const codec = createRequestStateCodec<OpenQuestion>({
    key,
    ttlSeconds,
    bind: ({ mcpReq }: ServerContext) => `${mcpReq.method}\0${binding}`,
  });
  return {
    mint: (question: OpenQuestion, context: ServerContext) => codec.mint(question, context),
    /** @throws for a state that was not minted here, or that is not written exactly as it was */
    verify: async (state: string, context: ServerContext): Promise<OpenQuestion> => {
      const [, ...parts] = state.split(".");
      if (!parts.every(isCanonical)) throw new Error("malformed");
      return codec.verify(state, context);
    },
  };
}

/** Whether a text is the one way to write its bytes: the last letter may hold bits that stand for nothing. */
function isCanonical(text: string): boolean {
  const bytes = fromBase64Url(text);
  return bytes !== undefined && toBase64Url(bytes) === text;
}

/** What an {@link OpenQuestion} is about. */
export function aboutCall(tool: string, args: Readonly<Record<string, unknown>>): Promise<string> {
  return digest(canonicalJson([tool, args]));
}
