import { createHmac } from "node:crypto";

/** Makes page cursors, and takes back only those that come back unchanged to the list they belong to. */
export interface Cursors {
  /** A cursor for a position in a list; `list` names the list and everything it is filtered by. */
  seal(position: number, list: string): string;
  /** The position, or `null` for a cursor that was changed or belongs to another list. */
  open(cursor: string, list: string): number | null;
}

const headBytes = 5;
const macBytes = 20;

/** Cursors of one sandbox: base64 of a salt, the position and a keyed hash over both and the list. */
export function createCursors(key: string): Cursors {
  const encode = (salt: number, position: number, list: string) => {
    const head = Buffer.alloc(headBytes);
    head.writeUInt8(salt, 0);
    head.writeUInt32BE(position, 1);
    const mac = createHmac("sha256", key).update(head).update(list).digest();
    return Buffer.concat([head, mac.subarray(0, macBytes)]).toString("base64");
  };
  return {
    seal: (position, list) => {
      // Every cursor holds a plus sign (and, by its length, two equals signs), so that a client which does
      // not percent-encode it fails on each page and not on every other one. 256 salts always suffice: one
      // in two has it.
      let cursor = "";
      for (let salt = 0; salt < 256 && !cursor.includes("+"); salt++) cursor = encode(salt, position, list);
      return cursor;
    },
    open: (cursor, list) => {
      const bytes = Buffer.from(cursor, "base64");
      if (bytes.length !== headBytes + macBytes) return null;
      const position = bytes.readUInt32BE(1);
      // Compared as text: the decoder takes spaces and the URL-safe alphabet as well, the API does not.
      return encode(bytes.readUInt8(0), position, list) === cursor ? position : null;
    },
  };
}
