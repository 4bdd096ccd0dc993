import type { WriteBudget } from "../../layers/guard-options.js";

/** What `langchain-1password mcp` was asked for, every value read. */
export interface CommandOptions {
  readonly sandbox: boolean;
  readonly source: "users-api" | "truto";
  readonly methods: readonly string[];
  readonly tags?: readonly string[];
  readonly names: "portable" | "truto";
  readonly workflows: boolean;
  readonly identity: "required" | "optional" | "off";
  readonly approval: "elicitation" | "terminal" | "none";
  /** Whether a caller who is known by a token may approve, by elicitation, what they asked for themselves. */
  readonly selfApproval: boolean;
  readonly protect: readonly string[];
  readonly taskUsers?: readonly string[];
  readonly maxWrites?: WriteBudget;
  readonly requireReason: boolean;
  readonly dryRun: boolean;
  /** A file's path. */
  readonly audit?: string;
  readonly patienceMs: number;
  /** What serves over HTTP; left out for stdio. */
  readonly http?: HttpOptions;
}

/** How the command listens for HTTP. */
export interface HttpOptions {
  readonly port: number;
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** A file's path. */
  readonly tokenFile?: string;
  /** How others are let hand out servers; left out for not at all. */
  readonly admin?: AdminOptions;
}

/** How the command listens for those who hand out servers. */
export interface AdminOptions {
  readonly port: number;
  readonly host: string;
  /** A file's path. */
  readonly tokenFile: string;
  /** A file's path. */
  readonly serversFile: string;
  /** What URLs of servers begin with; left out for where the command listens. */
  readonly publicUrl?: string;
}
