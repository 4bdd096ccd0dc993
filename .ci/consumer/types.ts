// Compiled against the packed types, as an ES module and as CommonJS; never run.
import {
  defineTool,
  HttpError,
  isToolsetError,
  ToolManager,
  ToolsetError,
  usersApi,
  type Layer,
  type ToolDescriptor,
} from "langchain-1password";
import {
  auditFile,
  fileApprovalStore,
  verifyAudit,
  type ApprovalStore,
  type AuditLine,
  type AuditRecord,
  type AuditSink,
  type AuditVerification,
} from "langchain-1password/node";
import {
  bearerTokens,
  createMcpHandler,
  createMcpServer,
  type McpHandler,
  type McpOptions,
  type McpTransport,
} from "langchain-1password/mcp";
import { startSandbox, type Sandbox } from "langchain-1password/sandbox";
import { z } from "zod";

const pass: Layer = (next) => (request) => next(request);

export async function suspend(email: string): Promise<readonly ToolDescriptor[]> {
  const sandbox: Sandbox = await startSandbox({
    users: 3,
    rateLimit: { limit: 5, windowMs: 1000, headers: "draft-6" },
  });
  const { accountId, clientId, clientSecret, baseUrl } = sandbox;
  const greet = defineTool({
    name: "greet",
    description: "Says hello.",
    schema: z.object({ name: z.string() }),
    kind: "read",
    call: ({ name }: { name: string }) => `Hello, ${name}`,
  });
  const manager = new ToolManager({
    source: usersApi({ accountId, clientId, clientSecret, baseUrl }),
    backoff: { maxWaitMs: 1000 },
    layers: [pass],
    tools: [greet],
  });
  try {
    const find = await manager.getTool("find_1_password_users");
    await find.invoke({ email });
  } catch (error) {
    if (error instanceof HttpError) {
      const descriptors = await manager.getDescriptors();
      return descriptors.map((descriptor) => ({ ...descriptor, description: error.requestId ?? "" }));
    }
    if (isToolsetError(error) && error.code === "rate_limited") throw new ToolsetError("timeout", error.text);
    // @ts-expect-error a code that no error has
    if (isToolsetError(error) && error.code === "no such code") throw error;
  } finally {
    await manager.close();
    await sandbox.close();
  }
  // @ts-expect-error an unknown region
  usersApi({ accountId, clientId, clientSecret, region: "us" });
  return manager.getDescriptors({ methods: ["read"] });
}

export async function record(path: string, entry: AuditRecord): Promise<AuditVerification> {
  const anchors: string[] = [];
  const onRecord = ({ chain }: AuditLine) => void anchors.push(chain.hash);
  const audit = auditFile(path, { key: new Uint8Array(32), onRecord });
  const sink: AuditSink = audit;
  await sink.write(entry);
  await audit.close();
  const store: ApprovalStore = fileApprovalStore(path);
  await store.consume("nonce", entry.time);
  // @ts-expect-error a key that is no key
  auditFile(path, { key: 7 });
  return verifyAudit(path, { key: new Uint8Array(32) });
}

export async function serve(manager: ToolManager, transport: McpTransport): Promise<McpHandler> {
  const options: McpOptions = { methods: ["read", "write"], approval: "elicitation" };
  await createMcpServer(manager, options).connect(transport);
  // @ts-expect-error a way to ask that there is none of
  createMcpServer(manager, { approval: "terminal" });
  return createMcpHandler(manager, {
    ...options,
    authenticate: bearerTokens([{ name: "helpdesk", token: "0123456789abcdef0123456789abcdef" }]),
  });
}
