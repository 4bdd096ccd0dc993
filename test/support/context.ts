import type { Context } from "langchain-1password";

/** A context without a host, for calling a source by itself: no backoff, and nobody who listens. */
export function directContext(signal: AbortSignal = new AbortController().signal): Context {
  return {
    account: "test",
    callId: "call-1",
    signal,
    deadline: Number.POSITIVE_INFINITY,
    priority: "normal",
    dryRun: false,
    scope: "test",
    obstacles: [],
    trail: { attempts: 0 },
    config: {},
    taskUsers: [],
    targets: { state: "unknown", why: "nobody has looked" },
    findUser: () => Promise.reject(new Error("not part of this test")),
    readUser: () => Promise.reject(new Error("not part of this test")),
    emit: () => undefined,
    send: (request) => request(signal),
  };
}
