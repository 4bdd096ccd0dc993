// What the tests run in processes of their own. Arguments: the file or folder, what to do, what it is done with.
import { once } from "node:events";
import { open } from "node:fs/promises";
import { auditFile, fileApprovalStore, type AuditFile } from "langchain-1password/node";
import { recordOf } from "./records.js";

const [path = "", task, ...rest] = process.argv.slice(2);

/** Tells the parent something; done when it was handed to the system, so that being killed does not undo it. */
const tell = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`);

/** Lets all children begin together. */
async function start(): Promise<void> {
  tell("ready");
  await once(process.stdin, "data");
  process.stdin.destroy();
}

/** Tells which record is safe. One that another process got in the way of is let go. */
async function tryToWrite(audit: AuditFile, length: number): Promise<void> {
  const record = recordOf({ reason: "x".repeat(length * 20_000) });
  try {
    await audit.write(record);
    tell(record.metadata.uid);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("half written")) throw error;
  }
}

/** Ends this process as SIGKILL does when it comes in the middle of a write: so much of it is in the file. */
async function killHalfWay(share: number): Promise<void> {
  const handle = await open(process.execPath, "r");
  const prototype = Object.getPrototypeOf(handle) as { write(bytes: Buffer): Promise<unknown> };
  await handle.close();
  const write = prototype.write;
  prototype.write = async function (bytes) {
    await write.call(this, bytes.subarray(0, Math.floor(bytes.length * share)));
    process.kill(process.pid, "SIGKILL");
    return new Promise(() => undefined);
  };
}

switch (task) {
  case "write many": {
    await start();
    await using audit = auditFile(path);
    for (let n = 0; n < 10; n += 1) {
      await Promise.all(
        Array.from({ length: 5 }, () => audit.write(recordOf({ reason: "x".repeat(n * 500) }))),
      );
    }
    break;
  }
  case "write until killed": {
    const audit = auditFile(path);
    for (let n = 0; ; n += 1) await tryToWrite(audit, (n * 7) % 10);
  }
  case "be killed half way": {
    const audit = auditFile(path);
    for (let n = 0; n < 5; n += 1) await tryToWrite(audit, n);
    await killHalfWay(Number(rest[0]));
    for (;;) await tryToWrite(audit, 0);
  }
  case "write until refused": {
    await using audit = auditFile(path);
    for (;;) {
      try {
        await audit.write(recordOf());
        tell("written");
      } catch (error) {
        const { code, text, cause } = error as { code: string; text: string; cause: { code: string } };
        tell({ code, text, cause: cause.code });
        if (cause.code === "EFBIG") break;
      }
    }
    break;
  }
  case "consume": {
    const store = fileApprovalStore(path);
    await start();
    const take = async (nonce: string) => store.consume(nonce, Date.now() + 60_000);
    tell(await Promise.all(rest.map(take)));
    break;
  }
  default:
    throw new Error(`There is no task "${task ?? ""}".`);
}
