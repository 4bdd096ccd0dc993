/** What the tests use of `oidc-provider`, which ships no types. */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  interface ClientMetadata {
    client_id: string;
    client_secret: string;
    grant_types: string[];
    redirect_uris: string[];
    response_types: string[];
    token_endpoint_auth_method: "client_secret_basic";
  }

  interface Configuration {
    clients: readonly ClientMetadata[];
    features: Record<string, { enabled: boolean }>;
    ttl: Record<string, number>;
  }

  export default class Provider {
    constructor(issuer: string, configuration: Configuration);
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    readonly ClientCredentials: { find(token: string): Promise<{ clientId: string } | undefined> };
  }
}
