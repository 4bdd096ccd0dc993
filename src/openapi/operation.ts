import type { ToolDescriptor, ToolKind } from "../descriptor.js";
import type { Place } from "./document.js";
import type { OperationExtension } from "./tool-extension.js";

/** The HTTP methods that a path of a document may have. */
export const httpMethods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;

/** An HTTP method, in lower case as documents write it. */
export type HttpMethod = (typeof httpMethods)[number];

/** Which operation of a document is meant, for the functions that name and judge operations. */
export interface OpenApiOperationKey {
  /** `null` where the document gives none. */
  readonly operationId: string | null;
  readonly httpMethod: HttpMethod;
  /** As in the document, with its braces: `/users/{id}`. */
  readonly path: string;
  /** The operation's own tags. */
  readonly tags: readonly string[];
}

/** A parameter of an operation and the argument that stands for it. */
export interface OpenApiParameter {
  /** The name in the document. */
  readonly name: string;
  readonly in: "path" | "query" | "header";
  /** The name in the tool's schema. No argument of the tool has the one of a bound parameter. */
  readonly argument: string;
  /** Whether the source fills it in; then the tool's schema does not have it. */
  readonly bound: boolean;
}

/** How arguments make the body of a request. */
export type OpenApiBody =
  | {
      /** The body is an object, and its properties are arguments. */
      readonly mode: "properties";
      readonly contentType: string;
      /** Each property by its name in the body, with the name of its argument: nearly always the same. */
      readonly properties: readonly { readonly name: string; readonly argument: string }[];
      readonly required: boolean;
    }
  | {
      /** One argument is the whole body. */
      readonly mode: "argument";
      readonly contentType: string;
      readonly argument: string;
      readonly required: boolean;
    };

/** An operation of a document: the tool that it is, and how a call of the tool becomes a request. */
export interface OpenApiOperation {
  readonly descriptor: ToolDescriptor;
  /** `null` where the document gives none. */
  readonly operationId: string | null;
  readonly httpMethod: HttpMethod;
  /** As in the document, with its braces: `/users/{id}`. */
  readonly path: string;
  readonly parameters: readonly OpenApiParameter[];
  readonly body: OpenApiBody | null;
}

/** How the operations of a document become tools. */
export interface OpenApiToolsOptions {
  /**
   * What the model calls the tools. `"truto"`, the default: as the document says (`x-langchain-tool`, else the
   * operation id, else method and path, made fit for every provider's rule `^[a-zA-Z0-9_-]{1,64}$`);
   * `"portable"`: the same without a leading digit, which Gemini refuses; or names of one's own, by operation
   * id or by a function, where `undefined` leaves the default.
   */
  readonly names?:
    | "truto"
    | "portable"
    | Readonly<Record<string, string>>
    | ((operation: OpenApiOperationKey) => string | undefined);
  /**
   * Which operations only look, by operation id or by a function, where `undefined` leaves the default. The
   * default is what the document's `x-langchain-tool` says, else `"write"`, even for a GET: whatever is not
   * known to be a read is a write. For a document whose GETs are known to change nothing:
   *
   * ```ts
   * kind: ({ httpMethod }) => (httpMethod === "get" ? "read" : "write")
   * ```
   */
  readonly kind?:
    Readonly<Record<string, ToolKind>> | ((operation: OpenApiOperationKey) => ToolKind | undefined);
}

/** An operation as it stands in the document, before it has a name. */
export interface FoundOperation {
  readonly key: OpenApiOperationKey;
  readonly place: Place;
  /** Of the operation's path, for what all of its operations share. */
  readonly parameterLists: readonly Place[];
  readonly extension: OperationExtension;
}
