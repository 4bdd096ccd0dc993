import { pause } from "./clock.js";
import { leaveUnanswered, markSent, type SandboxContext, type SandboxStep } from "./environment.js";
import type { Faults, SandboxFaultAction } from "./faults.js";
import { errorFor, htmlPage } from "./wire-errors.js";

/** Does to each request what the faults have in store for it. */
export function misbehave(faults: Faults): SandboxStep {
  return async (context, next) => {
    const action = faults.take(context.get("known").documented);
    if (!action) return next();
    const replacement = replacementFor(action, context);
    if (replacement) return replacement;
    if (action.kind === "close" && action.when === "before") {
      cut(context);
      return undefined;
    }
    if (action.kind === "delay" && action.when === "before") await pause(action.ms);
    await next();
    if (action.kind === "delay" && action.when !== "before") await pause(action.ms);
    if (action.kind === "close") cut(context);
    if (action.kind === "half") await sendHalf(context);
    if (action.kind === "headers") {
      for (const [name, value] of Object.entries(action.headers)) context.res.headers.set(name, value);
    }
    return undefined;
  };
}

/** The answer in place of the real one; `null` for a fault that lets the operation happen. */
function replacementFor(action: SandboxFaultAction, context: SandboxContext): Response | null {
  switch (action.kind) {
    case "status":
      return statusAnswer(action, context);
    case "html":
      return htmlPage(action.status);
    case "redirect":
      return new Response(null, { status: 307, headers: { location: action.location } });
    case "body":
      return Response.json(action.body);
    case "oversized":
      return oversized(action.bytes);
    case "close":
    case "half":
    case "delay":
    case "headers":
      return null;
  }
}

function statusAnswer(
  { status, body, headers = {} }: Extract<SandboxFaultAction, { kind: "status" }>,
  context: SandboxContext,
): Response {
  if (typeof body === "object") return Response.json(body, { status, headers });
  if (typeof body === "string") return new Response(body, { status, headers });
  const own = errorFor(context.get("known").documented, status, "a fault of the sandbox");
  for (const [name, value] of Object.entries(headers)) own.headers.set(name, value);
  return own;
}

function oversized(bytes: number): Response {
  const head = '{"padding":"';
  const tail = '"}';
  const chunk = new Uint8Array(65_536).fill("x".charCodeAt(0));
  let padding = Math.max(0, bytes - head.length - tail.length);
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from(head)),
    pull: (controller) => {
      if (padding > 0) {
        controller.enqueue(chunk.subarray(0, padding));
        padding -= Math.min(padding, chunk.length);
        return;
      }
      controller.enqueue(Buffer.from(tail));
      controller.close();
    },
  });
  return new Response(stream, { headers: { "content-type": "application/json" } });
}

function cut(context: SandboxContext): void {
  context.env.incoming.socket.destroy();
  leaveUnanswered(context);
}

async function sendHalf(context: SandboxContext): Promise<void> {
  const { outgoing } = context.env;
  const body = Buffer.from(await context.res.arrayBuffer());
  const headers = { ...Object.fromEntries(context.res.headers), "content-length": body.length };
  outgoing.writeHead(context.res.status, headers);
  outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => outgoing.socket?.destroySoon());
  markSent(context);
}
