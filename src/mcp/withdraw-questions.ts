import type { McpServer } from "@modelcontextprotocol/server";

type Request = (
  request: { readonly method: string },
  options?: { readonly signal?: AbortSignal },
) => Promise<unknown>;

/**
 * Takes questions away from a client of the 2025 era, for whom the SDK waits itself: once nobody is to be asked any
 * more, the client is told that the question is cancelled, and the call goes on as if it had been dismissed.
 */
export function withdrawQuestions({ server }: Pick<McpServer, "server">, ended: AbortSignal): void {
  const request: Request = server.request.bind(server);
  const withdrawing: Request = async (message, options = {}) => {
    if (message.method !== "elicitation/create") return request(message, options);
    const { signal } = options;
    try {
      return await request(message, {
        ...options,
        signal: signal === undefined ? ended : AbortSignal.any([signal, ended]),
      });
    } catch (error) {
      if (!ended.aborted) throw error;
      return { action: "cancel" };
    }
  };
  server.request = withdrawing;
}
