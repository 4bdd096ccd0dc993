/** What every 2025 POST carries. */
export const postHeaders = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

/** A 2025 client's first message. */
export const initialize = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: { elicitation: {} },
    clientInfo: { name: "raw", version: "1" },
  },
};

/** A call as a 2025 client sends it. */
export function call(name: string, given: Record<string, unknown> = {}, id: string | number = 1) {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: given } };
}

/** What a 2026 client sends with every message, for {@link modern}. */
const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
};

/** A message as a 2026 client sends it, with the headers that go with it. */
export function modern(method: string, params: Record<string, unknown> = {}, id: string | number = 1) {
  return {
    body: { jsonrpc: "2.0", id, method, params: { ...params, _meta: envelope } },
    headers: {
      ...postHeaders,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(typeof params.name === "string" && { "mcp-name": params.name }),
    },
  };
}

type Fetch = (request: Request) => Promise<Response>;

/** A POST of one message. */
export function posted(
  body: unknown,
  headers: Record<string, string> = {},
  url = "http://localhost/mcp",
): Request {
  return new Request(url, {
    method: "POST",
    headers: { ...postHeaders, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** Starts a session and gives its id. */
export async function startSession(fetch: Fetch): Promise<string> {
  const response = await fetch(posted(initialize));
  const id = response.headers.get("mcp-session-id");
  await response.text();
  if (id === null) throw new Error(`No session: ${response.status}`);
  return id;
}

/** The messages in a response, be it JSON or a stream that ends. */
export async function messagesOf(response: Response): Promise<JsonRpcMessage[]> {
  const text = await response.text();
  if (response.headers.get("content-type")?.startsWith("text/event-stream") !== true) {
    return [JSON.parse(text) as JsonRpcMessage];
  }
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice("data: ".length)) as JsonRpcMessage);
}

/** A JSON-RPC message, as far as tests look at it. */
export interface JsonRpcMessage {
  jsonrpc: "2.0";
  id?: string | number | null;
  method?: string;
  result?: { content?: { text: string }[]; [name: string]: unknown };
  error?: { code: number; message: string };
}
