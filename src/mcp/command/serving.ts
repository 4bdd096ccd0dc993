/** What serves clients, and how it ends. */
export interface Serving {
  /** Where it listens, in sentences. */
  readonly notes: readonly string[];
  /** Settles once there is nobody left to serve; never where new clients may come. */
  readonly ended: Promise<unknown>;
  /** Settles once no answer reaches the one client that there is; left out where there may be others. */
  readonly unread?: Promise<unknown>;
  /** Lets no new call in. */
  refuseNew(): void;
  /** Settles once nothing is under way and every answer is on its way. */
  idle(): Promise<void>;
  close(): Promise<void>;
}
