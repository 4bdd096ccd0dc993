import { isBubbleUp } from "../bubble-up.js";
import type { CallRequest, CallResult, Layer } from "../call.js";
import { HttpError } from "../errors/http-error.js";
import { errorText } from "../errors/error-text.js";
import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import { plainText } from "../content/plain-text.js";
import { stateAfter } from "../user.js";
import { thrownKind, type WarningListener } from "../warning.js";
import { auditRecord, type RecordedEnd } from "./audit-entries.js";
import type { AuditRecord, AuditSink } from "./audit-record.js";
import { noted } from "./noted.js";

/**
 * Records that a write is about to be sent, before it is, and what became of it, after.
 *
 * @param warn - hears what the sink throws, which no model does
 */
export function audit(sink: AuditSink, warn: WarningListener): Layer {
  return (next) => async (request) => {
    const { trail } = request.context;
    const intent = auditRecord(request, { phase: "intent" });
    try {
      await sink.write(intent);
    } catch (error) {
      const what = `"${request.descriptor.name}" was not sent: its audit record could not be written`;
      warn(`${what}${thrownKind(error)}.`, { cause: error });
      throw new ToolsetError(
        "audit_unavailable",
        `${what}. Nothing was changed. The operator has to mend the audit log, and has been told what is wrong with it.`,
        { cause: error, unsent: true },
      );
    }
    trail.intent = intent.metadata.uid;
    let result: CallResult;
    try {
      result = await next(request);
    } catch (error) {
      const problem = await tryToWrite(
        sink,
        auditRecord(request, { phase: "outcome", ...endOfError(error) }),
        warn,
      );
      throw problem !== undefined && isToolsetError(error)
        ? error.withText(`${problem} ${error.text}`)
        : error;
    }
    const problem = await tryToWrite(
      sink,
      auditRecord(request, { phase: "outcome", ...endOf(result, request) }),
      warn,
    );
    return problem === undefined ? result : noted(result, problem, request);
  };
}

/**
 * Records what ended before anything was sent: refusals, rejections, plans, people who were in the state already.
 *
 * @param warn - hears what the sink throws, which no model does
 * @param isDecision - which results are; all of them by default
 */
export function decisions(
  sink: AuditSink,
  warn: WarningListener,
  isDecision: (result: CallResult) => boolean = () => true,
): Layer {
  return (next) => async (request) => {
    const { trail } = request.context;
    const record = (end: RecordedEnd) =>
      tryToWrite(sink, auditRecord(request, { phase: "decision", ...end }), warn);
    let result: CallResult;
    try {
      result = await next(request);
    } catch (error) {
      // A signal to the host is no decision: the call comes back.
      if (trail.intent === undefined && !isBubbleUp(error)) {
        await record({ ...endOfError(error), status: "Failure" });
      }
      throw error;
    }
    if (trail.intent !== undefined || !isDecision(result)) return result;
    const problem = await record(unsentEndOf(result, request));
    return problem === undefined ? result : noted(result, problem, request);
  };
}

/** Writes a record that comes too late to stop anything. Where that fails, it gives the sentence that says so. */
async function tryToWrite(
  sink: AuditSink,
  record: AuditRecord,
  warn: WarningListener,
): Promise<string | undefined> {
  try {
    await sink.write(record);
    return undefined;
  } catch (error) {
    const { phase, tool } = record.unmapped;
    warn(`The ${phase} of "${tool}" could not be recorded${thrownKind(error)}.`, { cause: error });
    return "The audit log could not record this, and the operator has been told why.";
  }
}

function endOf(result: CallResult, { descriptor: { method } }: CallRequest): RecordedEnd {
  switch (result.kind) {
    case "refused":
      return { status: "Failure", code: result.code, detail: result.text };
    case "planned":
      return { status: "Other", code: "dry_run", detail: result.would };
    case "write": {
      const { previous, state, changed, meta, note } = result;
      const facts = { previous, state, changed, requestId: meta.requestId };
      const wanted = stateAfter(method);
      if ((wanted !== undefined && state !== wanted) || result.showsAnother === true)
        return { status: "Unknown", detail: note ?? "", ...facts };
      return changed === false && meta.status === null
        ? { status: "Other", code: "no_change", ...facts }
        : { status: "Success", ...facts };
    }
    case "answer":
      return { status: "Success", requestId: result.meta.requestId };
  }
}

/** How a call ended before anything was sent for it; a success is one of before, such as a receipt. */
function unsentEndOf(result: CallResult, request: CallRequest): RecordedEnd {
  if (result.kind !== "write" && result.kind !== "answer") return endOf(result, request);
  const states = result.kind === "write" ? { previous: result.state, state: result.state } : {};
  return { status: "Other", code: "no_change", ...states, changed: false };
}

function endOfError(error: unknown): RecordedEnd {
  if (isBubbleUp(error)) return { status: "Other", detail: "it asked its host something, and comes back" };
  if (!isToolsetError(error)) return { status: "Unknown", detail: plainText(errorText(error), 300) };
  const isKnown = error.unsent || (!error.inDoubt && isAnswered(error));
  return {
    status: isKnown ? "Failure" : "Unknown",
    code: error.code,
    detail: error.text,
    requestId: error instanceof HttpError ? error.requestId : null,
  };
}

/** Whether the server's own answer says that it did nothing. */
function isAnswered(error: ToolsetError): boolean {
  return error instanceof HttpError && error.status >= 400 && error.status < 500;
}
