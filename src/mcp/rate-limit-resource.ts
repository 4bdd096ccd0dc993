import type { McpServer } from "@modelcontextprotocol/server";
import type { RateLimitWatch } from "./rate-limit-watch.js";

const uri = "onepassword://rate-limit";

/** Shows the state of the account's rate limit as a resource; reading it sends nothing. */
export function addRateLimitResource(server: McpServer, { known }: RateLimitWatch): void {
  server.registerResource(
    "rate-limit",
    uri,
    {
      title: "Rate limit",
      description:
        "How many requests the account has left, as the last answer told it; null as long as no answer did.",
      mimeType: "application/json",
    },
    () => ({ contents: [{ uri, mimeType: "application/json", text: JSON.stringify(known()) }] }),
  );
}
