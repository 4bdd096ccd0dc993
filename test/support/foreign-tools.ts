import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import { z } from "zod";
import type { User } from "langchain-1password";
import type { Sandbox } from "langchain-1password/sandbox";

/** What {@link foreignAccount} gives. */
export interface ForeignAccount {
  /** `suspend_user`, `reactivate_user` and `get_user`, each of which takes an `id`. */
  readonly tools: StructuredToolInterface[];
  readonly readUser: (id: string) => Promise<User>;
}

/**
 * Tools as somebody who has never heard of this library writes them: they speak to the Users API by themselves,
 * and throw errors with a status, as most clients' are.
 */
export function foreignAccount(sandbox: Sandbox, timeoutMs: number): ForeignAccount {
  const { baseUrl, accountId, clientId, clientSecret } = sandbox;
  let token: Promise<string> | undefined;

  async function ask(path: string, init: RequestInit): Promise<unknown> {
    const response = await fetch(`${baseUrl}/v1${path}`, {
      ...init,
      headers: { ...(init.headers as object), "user-agent": "somebody-elses-tools/1.0" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = (await response.json()) as { message?: string };
    if (response.ok) return body;
    throw Object.assign(new Error(body.message), { status: response.status, headers: response.headers });
  }

  async function newToken(): Promise<string> {
    // RFC 6749, 2.3.1: both halves are form-encoded.
    const [, id, secret] = /^a=(.*)&b=(.*)$/.exec(
      `${new URLSearchParams({ a: clientId, b: clientSecret })}`,
    )!;
    const answer = await ask("/oauth/token", {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    return (answer as { access_token: string }).access_token;
  }

  async function send(method: "GET" | "POST", id: string, verb = ""): Promise<User> {
    token ??= newToken();
    token.catch(() => (token = undefined));
    const headers = { authorization: `Bearer ${await token}` };
    return (await ask(`/accounts/${accountId}/users/${id}${verb}`, { method, headers })) as User;
  }

  const schema = z.object({ id: z.string().describe("The person's id.") });
  const change = (verb: "suspend" | "reactivate") =>
    tool(async ({ id }) => (await send("POST", id, `:${verb}`)).email, {
      name: `${verb}_user`,
      description: `Makes a ${verb} request.`,
      schema,
    });
  const get = tool(async ({ id }) => send("GET", id), { name: "get_user", description: "Reads.", schema });
  return { tools: [change("suspend"), change("reactivate"), get], readUser: (id) => send("GET", id) };
}
