import { inspect } from "node:util";

/** A value that must be nowhere, and what to call it in a report. */
export interface Secret {
  readonly name: string;
  readonly value: string;
}

/** A place where a piece of a secret was found. */
export interface Leak {
  /** Which secret, in which form. */
  readonly what: string;
  /** The piece that was found. */
  readonly piece: string;
  /** The text around it. */
  readonly around: string;
}

/** So many characters of a secret on end are a leak, even where the rest was cut off. */
const pieceLength = 12;

/** The forms that a text may have after somebody put it into a message, a log line or a trace. */
export function formsOf(text: string): Map<string, string> {
  const bytes = Buffer.from(text, "utf8");
  const percent = encodeURIComponent(text);
  const json = JSON.stringify(text).slice(1, -1);
  return new Map([
    ["plain", text],
    ["percent-encoded", percent],
    ["percent-encoded in lower case", percent.replace(/%../g, (code) => code.toLowerCase())],
    ["percent-encoded throughout", [...bytes].map((byte) => percentOf(byte)).join("")],
    ["form-encoded", new URLSearchParams({ text }).toString().slice("text=".length)],
    ["JSON-escaped", json],
    ["JSON-escaped to ASCII", json.replace(/[^ -~]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)],
    ["JSON-escaped twice", JSON.stringify(json).slice(1, -1)],
    ["base64", bytes.toString("base64")],
    ["base64 without padding", bytes.toString("base64").replace(/=+$/, "")],
    ["base64url", bytes.toString("base64url")],
    ["base64 behind one byte", base64Behind(1, bytes)],
    ["base64 behind two bytes", base64Behind(2, bytes)],
  ]);
}

const passedOver = new WeakSet<object>();

/**
 * Has an object passed over by every search, wherever it is found: what a function of the operator's threw is theirs to
 * see whole, as the cause of the error that follows.
 */
export function passOver(thrown: object): void {
  passedOver.add(thrown);
  Object.defineProperty(thrown, inspect.custom, { value: () => "(what the operator's function threw)" });
}

/** Looks for secrets in whatever it is shown, and remembers what it has seen so as not to look twice. */
export class LeakSearch {
  readonly #pieces = new Map<string, string>();
  readonly #texts = new Set<string>();

  constructor(secrets: readonly Secret[]) {
    for (const { name, value } of secrets) {
      for (const [form, text] of formsOf(value)) {
        for (const piece of piecesOf(text)) {
          if (!this.#pieces.has(piece)) this.#pieces.set(piece, `${name}, ${form}`);
        }
      }
    }
  }

  /** How many different texts it was shown. */
  get size(): number {
    return this.#texts.size;
  }

  /** What is to be found in a value: in its properties, down to the last cause, and in what inspecting it prints. */
  in(value: unknown): Leak[] {
    const printed = typeof value === "string" ? [] : this.#inText(print(value));
    return [...printed, ...this.inside(value)];
  }

  /**
   * The same without printing the value itself; errors in it are printed all the same.
   *
   * @param seen - objects to pass over, and where those that are walked through are added
   */
  inside(value: unknown, seen = new Set<unknown>()): Leak[] {
    const leaks: Leak[] = [];
    for (const text of textsIn(value, seen)) leaks.push(...this.#inText(text));
    return leaks;
  }

  #inText(text: string): Leak[] {
    if (this.#texts.has(text)) return [];
    this.#texts.add(text);
    for (const [piece, what] of this.#pieces) {
      const at = text.indexOf(piece);
      // One find a text is enough to fail, and the forms of one secret overlap.
      if (at >= 0) return [{ what, piece, around: text.slice(Math.max(0, at - 80), at + piece.length + 40) }];
    }
    return [];
  }
}

/** Pieces side by side: a run of twice the length holds at least one of them, wherever it was cut. */
function* piecesOf(text: string): Iterable<string> {
  for (let start = 0; start + pieceLength <= text.length; start += pieceLength) {
    yield text.slice(start, start + pieceLength);
  }
  if (text.length >= pieceLength) yield text.slice(-pieceLength);
}

/** What `util.inspect` makes of a value when nothing is left out. */
function print(value: unknown): string {
  return inspect(value, {
    showHidden: true,
    depth: Infinity,
    getters: true,
    maxArrayLength: Infinity,
    maxStringLength: Infinity,
  });
}

/** Every text that can be got out of a value by its properties. */
function* textsIn(value: unknown, seen: Set<unknown>): Iterable<string> {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const current = waiting.pop();
    if (typeof current === "string") yield current;
    if ((typeof current !== "object" && typeof current !== "function") || current === null) continue;
    if (seen.has(current) || passedOver.has(current)) continue;
    seen.add(current);
    if (ArrayBuffer.isView(current)) {
      yield Buffer.from(current.buffer, current.byteOffset, current.byteLength).toString("utf8");
      continue;
    }
    if (current instanceof Map || current instanceof Set || current instanceof Headers) {
      waiting.push(...current);
    }
    if (current instanceof Error) yield print(current);
    waiting.push(...propertiesOf(current));
  }
}

/** The names and values of all own properties, hidden ones and symbols among them; getters are called. */
function* propertiesOf(value: object): Iterable<unknown> {
  for (const key of Reflect.ownKeys(value)) {
    yield typeof key === "symbol" ? key.description : key;
    try {
      yield (value as Record<PropertyKey, unknown>)[key];
    } catch (error) {
      yield error;
    }
  }
}

/** The base64 of a text inside of another's: the characters that it alone decides. */
function base64Behind(before: number, bytes: Buffer): string {
  const all = Buffer.concat([Buffer.alloc(before), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  return all.slice(before + 1, Math.floor(((before + bytes.length) * 8) / 6));
}

function percentOf(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9]/.test(character) ? character : `%${hex(byte, 2).toUpperCase()}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
