import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { somebody } from "./credentials.js";
import { keepPrinted } from "./printed.js";
import { sendJson } from "./server.js";

/** A client id and its secret. */
export interface ClientPair {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Where the Users API has its endpoints, and where the provider has them. */
const providerPaths: Record<string, string> = {
  "/v1/oauth/token": "/token",
  "/v1/oauth/revoke": "/token/revocation",
};

/**
 * Starts a certified authorization server for one test, behind the paths of the Users API. It gives tokens to the
 * pairs and answers with a person where a token is one that it knows.
 *
 * It takes RFC 6749's characters alone (appendix A, printable ASCII). A pair with others has another name there,
 * and whoever sends it is understood by appendix B: as the form encoding of UTF-8.
 */
export async function useAuthorizationServer(pairs: readonly ClientPair[]) {
  // It warns, from its first line on, of everything that makes it a server for tests.
  keepPrinted();
  const { default: Provider } = await import("oidc-provider");
  const provider = new Provider("https://issuer.example", {
    clients: pairs.map((pair, index) => {
      const { clientId, clientSecret } = nameThere(pair, index);
      return {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: "client_secret_basic",
      };
    }),
    features: {
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      devInteractions: { enabled: false },
    },
    ttl: { ClientCredentials: 900 },
  });
  const answer = provider.callback();
  const clientOf = async ({ headers }: IncomingMessage) => {
    const [scheme, token = ""] = (headers.authorization ?? "").split(" ");
    const known = scheme === "Bearer" ? await provider.ClientCredentials.find(token) : undefined;
    return known?.clientId;
  };
  const served: (string | undefined)[] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = providerPaths[request.url ?? ""];
    if (path !== undefined) {
      request.url = path;
      renameClient(request, pairs);
      return answer(request, response);
    }
    const client = await clientOf(request);
    if (client === undefined) {
      sendJson(response, 401, { code: 16, message: "unauthenticated", details: [] });
      return;
    }
    served.push(client);
    sendJson(response, 200, somebody);
  }

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The provider's names of the clients whose tokens read a person, one by one. */
    served,
    /** What a pair is called there. */
    nameOf: (pair: ClientPair) => nameThere(pair, pairs.indexOf(pair)).clientId,
  };
}

function nameThere(pair: ClientPair, index: number): ClientPair {
  if (/^[ -~]*$/.test(pair.clientId + pair.clientSecret)) return pair;
  return { clientId: `client-${index}`, clientSecret: `secret-of-client-${index}` };
}

/** Puts the provider's names in place of a pair that it cannot know; leaves every other header as it came. */
function renameClient(request: IncomingMessage, pairs: readonly ClientPair[]): void {
  const { authorization = "" } = request.headers;
  const halves = Buffer.from(authorization.replace(/^Basic /, ""), "base64")
    .toString("latin1")
    .split(":");
  if (halves.length !== 2) return;
  const [clientId, clientSecret] = halves.map((half) => new URLSearchParams(`half=${half}`).get("half"));
  const index = pairs.findIndex((pair) => pair.clientId === clientId && pair.clientSecret === clientSecret);
  const pair = pairs[index];
  if (pair === undefined) return;
  const there = nameThere(pair, index);
  if (there === pair) return;
  request.headers.authorization = `Basic ${btoa(`${there.clientId}:${there.clientSecret}`)}`;
}
