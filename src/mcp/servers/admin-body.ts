import { readJson } from "../http/read-json.js";
import { adminError } from "./admin-answers.js";

/** A server's description is short. */
const limits = { maxBodyBytes: 65_536, bodyMs: 10_000 };

/** The JSON that an administrator's program sent, or the answer that refuses it. */
export async function readAdminBody(request: Request): Promise<{ value: unknown } | { refused: Response }> {
  const type = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    const message = 'The body is not said to be JSON. Send it with "content-type: application/json".';
    return { refused: adminError("unsupported_media_type", message) };
  }
  const body = await readJson(request, limits);
  if ("value" in body) return body;
  const { maxBodyBytes, bodyMs } = limits;
  switch (body.refused.status) {
    case 413:
      return {
        refused: adminError(
          "too_large",
          `The body is longer than ${maxBodyBytes} bytes. Send a shorter one.`,
        ),
      };
    case 408:
      return {
        refused: adminError(
          "timeout",
          `The body did not arrive within ${bodyMs / 1000} s. Send it in one go.`,
        ),
      };
    default:
      return {
        refused: adminError("invalid_argument", "The body is not JSON in UTF-8. Send one JSON object."),
      };
  }
}
