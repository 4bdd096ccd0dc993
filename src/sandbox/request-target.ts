/** A request's target, taken apart. */
export interface RequestTarget {
  /** As it was sent, still percent-encoded: a router's idea of the path would hide a client's mistakes. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Splits what follows the method in a request's first line. */
export function parseTarget(target: string): RequestTarget {
  const mark = target.indexOf("?");
  if (mark === -1) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}
