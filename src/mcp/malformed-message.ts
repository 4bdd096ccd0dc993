import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
} from "@modelcontextprotocol/server";

/** JSON-RPC's code for a value that is no message. */
const invalidRequest = -32_600;

/** What is made of a value that is no message of the protocol. */
export type Malformed =
  /** It asks something, or nobody can tell what it is: an answer to send. */
  | {
      readonly answer: {
        readonly jsonrpc: "2.0";
        readonly id: string | number | null;
        readonly error: JsonRpcError;
      };
    }
  /** It answers a question, though not in a way that is understood: what the question ends with. */
  | { readonly ends: JSONRPCMessage }
  /** It is a notification, which has no answer. */
  | "nothing";

interface JsonRpcError {
  readonly code: number;
  readonly message: string;
}

/**
 * Judges values that a client sent.
 *
 * @returns one entry for each value that is no message, of a batch one for each of its members; empty for a message
 * @see https://www.jsonrpc.org/specification#error_object
 */
export function malformedIn(value: unknown): readonly Malformed[] {
  if (Array.isArray(value)) {
    return value.length === 0
      ? [refused(null, "An empty batch asks nothing.")]
      : value.map((one) => ofMember(one));
  }
  const isMessage = [
    isJSONRPCRequest,
    isJSONRPCNotification,
    isJSONRPCResultResponse,
    isJSONRPCErrorResponse,
  ].some((guard) => guard(value));
  return isMessage ? [] : [ofValue(value)];
}

function ofMember(value: unknown): Malformed {
  const { id, method } = fieldsOf(value);
  if (id === undefined && typeof method === "string") return "nothing";
  return refused(id, "Messages are not taken in batches. Send each on a line of its own.");
}

function ofValue(value: unknown): Malformed {
  const { id, method, result, error } = fieldsOf(value);
  if (method === undefined && isId(id) && (result !== undefined || error !== undefined)) {
    return {
      ends: { jsonrpc: "2.0", id, error: { code: invalidRequest, message: "The answer is no message." } },
    };
  }
  if (id === undefined && typeof method === "string") return "nothing";
  return refused(
    id,
    'This is no JSON-RPC request. Send "jsonrpc": "2.0", "id" (a text or a whole number), "method" (a text) and, ' +
      'where there are any, "params" (an object).',
  );
}

function refused(id: unknown, message: string): Malformed {
  const error = { code: invalidRequest, message };
  return { answer: { jsonrpc: "2.0", id: isId(id) ? id : null, error } };
}

function isId(id: unknown): id is string | number {
  return typeof id === "string" || typeof id === "number";
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
