import type { AnswerMeta, Context, Send } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import type { ToolFilter } from "../filter.js";
import type { User, UserState } from "../user.js";

/** What a source answers a call with. */
export interface SourceAnswer {
  readonly data: unknown;
  readonly meta: AnswerMeta;
  /** What has to be said of the data, in a sentence: a model reads it behind them. */
  readonly note?: string | undefined;
}

/** Which people to read. A source narrows by what its API can; the reader checks all the same. */
export interface DirectoryQuery {
  readonly state?: UserState;
  readonly email?: string;
  /** Where to go on, as the page before said; the first page without it. */
  readonly cursor?: string;
}

/** One page of a directory. */
export interface DirectoryPage {
  readonly users: readonly User[];
  readonly meta: AnswerMeta;
  /** What the server itself narrowed by; everybody else was not looked at. */
  readonly narrowedBy: readonly ("state" | "email")[];
  /** What the server was asked to narrow by and plainly did not. @default [] */
  readonly ignored?: readonly ("state" | "email")[];
}

/** Where tools come from: it lists descriptors and calls one. */
export interface ToolSource {
  /** Origin, account and client: what gates, tokens and records are kept by. Holds no secret. */
  readonly key: string;
  /** What ids of its users look like: `taskUsers` takes no other ones. Left out where any text may be an id. */
  readonly userIds?: RegExp | undefined;
  /** The tools that the filter selects, or more: the manager filters again. */
  list(filter: ToolFilter, signal?: AbortSignal, send?: Send): Promise<ToolDescriptor[]>;
  call(
    descriptor: ToolDescriptor,
    args: Readonly<Record<string, unknown>>,
    context: Context,
  ): Promise<SourceAnswer>;
  /** Why a tool of that name is not in what was listed last; `undefined` for every other name. */
  leftOut?(name: string): string | undefined;
  /** Reads one person, afresh. */
  readUser?(id: string, context: Context): Promise<User>;
  /** Reads the directory page by page, each as large as the API allows; with it come the tools that search. */
  readUsers?(query: DirectoryQuery, context: Context): AsyncIterable<DirectoryPage>;
  /** Gives back what the source holds, such as a token. */
  close?(): Promise<void>;
}
