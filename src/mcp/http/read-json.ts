import type { Limits } from "./limits.js";
import { refusal } from "./refusal.js";
import { timeUp } from "./timer.js";

/**
 * A request's body, read to its end within the limits and parsed once.
 *
 * @returns the value, or the answer to a body that is too large (413), too slow (408) or no JSON (400)
 */
export async function readJson(
  request: Request,
  limits: Pick<Limits, "maxBodyBytes" | "bodyMs">,
): Promise<{ value: unknown } | { refused: Response }> {
  const { maxBodyBytes } = limits;
  const tooLarge = () =>
    refusal(413, -32000, `The body is larger than ${maxBodyBytes} bytes. Send less in one request.`);
  const unreadable = (what: string) => ({
    refused: refusal(400, -32700, `The body ${what}. Send one JSON-RPC message as JSON, in UTF-8.`),
  });
  if (Number(request.headers.get("content-length")) > maxBodyBytes) return { refused: tooLarge() };
  const bytes = await readBytes(request.body, limits);
  if (bytes === "large") return { refused: tooLarge() };
  if (bytes === "late") {
    const seconds = limits.bodyMs / 1000;
    const message = `The body did not arrive within ${seconds} s. Send the request again, in one go.`;
    return { refused: refusal(408, -32000, message) };
  }
  if (bytes === "broken") return unreadable("was cut off");
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch {
    return unreadable("is not JSON");
  }
}

async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  { maxBodyBytes, bodyMs }: Pick<Limits, "maxBodyBytes" | "bodyMs">,
): Promise<Uint8Array | "large" | "late" | "broken"> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const { promise: late, stop } = timeUp(bodyMs);
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), late]);
      if (read === "late") return read;
      if (read.done) return joined(chunks, size);
      size += read.value.byteLength;
      if (size > maxBodyBytes) return "large";
      chunks.push(read.value);
    }
  } catch {
    return "broken";
  } finally {
    stop();
    // Not `cancel`: what has not arrived is the runtime's to drop, which knows when the answer is out.
    reader.releaseLock();
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
