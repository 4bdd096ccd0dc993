/**
 * The same response, whose end is told: once, when its body was read to the end, failed, or was given up by the
 * client.
 */
export function whenEnded(response: Response, onEnd: () => void): Response {
  let over = false;
  // A client that leaves while something is awaited ends the body twice.
  const ended = () => {
    if (!over) onEnd();
    over = true;
  };
  if (response.body === null) {
    ended();
    return response;
  }
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            ended();
            controller.close();
          } else {
            controller.enqueue(value);
          }
        } catch (error) {
          ended();
          controller.error(error);
        }
      },
      async cancel(reason) {
        ended();
        await reader.cancel(reason);
      },
    },
    // Nothing is taken before the client wants it.
    { highWaterMark: 0 },
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

/** Whether a response goes on after it was given. */
export function isStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}
