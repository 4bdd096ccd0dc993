// As much of express as these tests use; its own types are a package apart, and only the tests would need them.
declare module "express" {
  import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

  export type Request = IncomingMessage & { path: string };
  export type Response = ServerResponse;
  export type RequestHandler = (
    request: Request,
    response: Response,
    next: (error?: unknown) => void,
  ) => unknown;
  const express: () => RequestListener & { use(...handlers: RequestHandler[]): void };
  export default express;
}
