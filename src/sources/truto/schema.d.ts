// auto-generated from openapi.json by `npm run generate`; change that file, not this one.

export interface paths {
    "/integrated-account/{id}/tools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the tools of an integrated account. */
        get: operations["ListTools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/proxy/{resource}": {
        parameters: {
            query: {
                /**
                 * @description The id of the integrated account.
                 * @example 6e2a1b50-7f0c-4d9f-9c55-6f1d3a2b4c5d
                 */
                integrated_account_id: components["parameters"]["IntegratedAccount"];
            };
            header?: never;
            path: {
                /**
                 * @description What the records are, such as `users`, as the tool says.
                 * @example users
                 */
                resource: components["parameters"]["Resource"];
            };
            cookie?: never;
        };
        /** List the records of a resource, a page at a time. */
        get: operations["ListRecords"];
        put?: never;
        /** Create a record. */
        post: operations["CreateRecord"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/proxy/{resource}/{id_or_method}": {
        parameters: {
            query: {
                /**
                 * @description The id of the integrated account.
                 * @example 6e2a1b50-7f0c-4d9f-9c55-6f1d3a2b4c5d
                 */
                integrated_account_id: components["parameters"]["IntegratedAccount"];
            };
            header?: never;
            path: {
                /**
                 * @description What the records are, such as `users`, as the tool says.
                 * @example users
                 */
                resource: components["parameters"]["Resource"];
                /**
                 * @description A record's id; for POST the name of an operation of the resource's own, such as `suspend`.
                 * @example IR7VJHJ36JHINBFAD7V2T5MP3E
                 */
                id_or_method: string;
            };
            cookie?: never;
        };
        /** Read one record. */
        get: operations["GetRecord"];
        put?: never;
        /** Call an operation of the resource's own, such as suspend. */
        post: operations["CallMethod"];
        /** Delete one record. */
        delete: operations["DeleteRecord"];
        options?: never;
        head?: never;
        /** Change one record. */
        patch: operations["UpdateRecord"];
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Tool: {
            /** @description Where its calls go: `/proxy/<resource>`. */
            resource: string;
            /** @description list, get, create, update, delete, or an operation of the resource's own. */
            method: string;
            name: string;
            description: string;
            /** @description A JSON Schema, or `{}` where there are no such arguments. */
            query_schema: {
                [key: string]: unknown;
            };
            /** @description A JSON Schema, or `{}` where there are no such arguments. */
            body_schema: {
                [key: string]: unknown;
            };
            /** @description Which arguments must be given, of both schemas and of the path. */
            required: string[];
        };
        ToolsPage: {
            result: components["schemas"]["Tool"][];
            /** @description Opaque; goes back unchanged. Null or absent on the last page. */
            next_cursor?: string | null;
        };
        Record: {
            [key: string]: unknown;
        };
        ListAnswer: {
            result: components["schemas"]["Record"][];
            /** @description Opaque; goes back unchanged. Null or absent on the last page. */
            next_cursor?: string | null;
            prev_cursor?: string | null;
            limit?: number;
            result_count?: number;
        };
        /**
         * @example {
         *       "message": "Rate limit exceeded"
         *     }
         */
        Error: {
            message?: string;
        } & {
            [key: string]: unknown;
        };
    };
    responses: {
        /** @description The record, as the API underneath gives it. */
        Record: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "id": "IR7VJHJ36JHINBFAD7V2T5MP3E",
                 *       "email": "m.scott@example.com",
                 *       "state": "SUSPENDED"
                 *     }
                 */
                "application/json": components["schemas"]["Record"];
            };
        };
        /** @description An argument that does not fit. */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The API key is missing or wrong. */
        Unauthorized: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The API key, or the integrated account's own credentials, may not do this. */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description No such integrated account, resource, operation or record. */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The record is not in a state that allows this. */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description Too many requests for the API underneath. */
        RateLimited: {
            headers: {
                "ratelimit-limit": components["headers"]["RateLimitLimit"];
                "ratelimit-remaining": components["headers"]["RateLimitRemaining"];
                "ratelimit-reset": components["headers"]["RateLimitReset"];
                "retry-after": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description Truto or the API underneath failed; whether a write was carried out is not known. */
        ServerError: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
    };
    parameters: {
        /**
         * @description What the records are, such as `users`, as the tool says.
         * @example users
         */
        Resource: string;
        /**
         * @description The id of the integrated account.
         * @example 6e2a1b50-7f0c-4d9f-9c55-6f1d3a2b4c5d
         */
        IntegratedAccount: string;
        /**
         * @description The `next_cursor` of the page before, unchanged.
         * @example eyJvZmZzZXQiOjI1fQ==
         */
        NextCursor: string;
        /**
         * @description What the tool's `query_schema` lists, each argument under its own name.
         * @example {
         *       "email": "m.scott@example.com"
         *     }
         */
        Arguments: {
            [key: string]: unknown;
        };
    };
    requestBodies: {
        /** @description What the tool's `body_schema` lists. */
        Arguments: {
            content: {
                /**
                 * @example {
                 *       "id": "IR7VJHJ36JHINBFAD7V2T5MP3E"
                 *     }
                 */
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
    };
    headers: {
        /**
         * @description Requests in a window.
         * @example 20
         */
        RateLimitLimit: number;
        /**
         * @description Requests left in this window.
         * @example 0
         */
        RateLimitRemaining: number;
        /**
         * @description Seconds until the window ends.
         * @example 12
         */
        RateLimitReset: number;
        /**
         * @description Seconds to wait, or an HTTP date.
         * @example 12
         */
        RetryAfter: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    ListTools: {
        parameters: {
            query?: {
                /**
                 * @description Which operations, separated by commas: list, get, create, update, delete, read (list and get), write (create, update and delete), custom (all others), or an operation's own name.
                 * @example read,custom
                 */
                methods?: string;
                /**
                 * @description Free words, separated by commas.
                 * @example directory
                 */
                tags?: string;
                /**
                 * @description The `next_cursor` of the page before, unchanged.
                 * @example eyJvZmZzZXQiOjI1fQ==
                 */
                next_cursor?: components["parameters"]["NextCursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The id of the integrated account.
                 * @example 6e2a1b50-7f0c-4d9f-9c55-6f1d3a2b4c5d
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tools. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "result": [
                     *         {
                     *           "resource": "users",
                     *           "method": "suspend",
                     *           "name": "1_password_users_suspend",
                     *           "description": "Suspend a 1Password user.",
                     *           "query_schema": {},
                     *           "body_schema": {
                     *             "type": "object",
                     *             "properties": {
                     *               "id": {
                     *                 "type": "string"
                     *               }
                     *             }
                     *           },
                     *           "required": [
                     *             "id"
                     *           ]
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["ToolsPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["ServerError"];
        };
    };
    ListRecords: {
        parameters: {
            query: {
                /**
                 * @description The id of the integrated account.
                 * @example 6e2a1b50-7f0c-4d9f-9c55-6f1d3a2b4c5d
                 */
                integrated_account_id: components["parameters"]["IntegratedAccount"];
                /**
                 * @description Records a page.
                 * @example 100
                 */
                limit?: number;
                /**
                 * @description The `next_cursor` of the page before, unchanged.
                 * @example eyJvZmZzZXQiOjI1fQ==
                 */
                next_cursor?: components["parameters"]["NextCursor"];
                /**
                 * @description What the tool's `query_schema` lists, each argument under its own name.
                 * @example {
                 *       "email": "m.scott@example.com"
                 *     }
                 */
                arguments?: components["parameters"]["Arguments"];
            };
            header?: never;
            path: {
                /**
                 * @description What the records are, such as `users`, as the tool says.
                 * @example users
                 */
                resource: components["parameters"]["Resource"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of records. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "result": [
                     *         {
                     *           "id": "IR7VJHJ36JHINBFAD7V2T5MP3E",
                     *           "email": "m.scott@example.com"
                     *         }
                     *       ],
                     *       "next_cursor": "eyJvZmZzZXQiOjI1fQ==",
                     *       "prev_cursor": null,
                     *       "limit": 25,
                     *       "result_count": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ListAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["ServerError"];
        };
    };
    CreateRecord: {
        parameters: {
            query: {
                /**
                 * @description The id of the integrated account.
                 * @example 6e2a1b50-7f0c-4d9f-9c55-6f1d3a2b4c5d
                 */
                integrated_account_id: components["parameters"]["IntegratedAccount"];
            };
            header?: never;
            path: {
                /**
                 * @description What the records are, such as `users`, as the tool says.
                 * @example users
                 */
                resource: components["parameters"]["Resource"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Arguments"];
        responses: {
            200: components["responses"]["Record"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["ServerError"];
        };
    };
    GetRecord: {
        parameters: {
            query: {
                /**
                 * @description The id of the integrated account.
                 * @example 6e2a1b50-7f0c-4d9f-9c55-6f1d3a2b4c5d
                 */
                integrated_account_id: components["parameters"]["IntegratedAccount"];
                /**
                 * @description What the tool's `query_schema` lists, each argument under its own name.
                 * @example {
                 *       "email": "m.scott@example.com"
                 *     }
                 */
                arguments?: components["parameters"]["Arguments"];
            };
            header?: never;
            path: {
                /**
                 * @description What the records are, such as `users`, as the tool says.
                 * @example users
                 */
                resource: components["parameters"]["Resource"];
                /**
                 * @description A record's id; for POST the name of an operation of the resource's own, such as `suspend`.
                 * @example IR7VJHJ36JHINBFAD7V2T5MP3E
                 */
                id_or_method: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Record"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["ServerError"];
        };
    };
    CallMethod: {
        parameters: {
            query: {
                /**
                 * @description The id of the integrated account.
                 * @example 6e2a1b50-7f0c-4d9f-9c55-6f1d3a2b4c5d
                 */
                integrated_account_id: components["parameters"]["IntegratedAccount"];
            };
            header?: never;
            path: {
                /**
                 * @description What the records are, such as `users`, as the tool says.
                 * @example users
                 */
                resource: components["parameters"]["Resource"];
                /**
                 * @description A record's id; for POST the name of an operation of the resource's own, such as `suspend`.
                 * @example IR7VJHJ36JHINBFAD7V2T5MP3E
                 */
                id_or_method: string;
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Arguments"];
        responses: {
            200: components["responses"]["Record"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["ServerError"];
        };
    };
    DeleteRecord: {
        parameters: {
            query: {
                /**
                 * @description The id of the integrated account.
                 * @example 6e2a1b50-7f0c-4d9f-9c55-6f1d3a2b4c5d
                 */
                integrated_account_id: components["parameters"]["IntegratedAccount"];
                /**
                 * @description What the tool's `query_schema` lists, each argument under its own name.
                 * @example {
                 *       "email": "m.scott@example.com"
                 *     }
                 */
                arguments?: components["parameters"]["Arguments"];
            };
            header?: never;
            path: {
                /**
                 * @description What the records are, such as `users`, as the tool says.
                 * @example users
                 */
                resource: components["parameters"]["Resource"];
                /**
                 * @description A record's id; for POST the name of an operation of the resource's own, such as `suspend`.
                 * @example IR7VJHJ36JHINBFAD7V2T5MP3E
                 */
                id_or_method: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Record"];
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["ServerError"];
        };
    };
    UpdateRecord: {
        parameters: {
            query: {
                /**
                 * @description The id of the integrated account.
                 * @example 6e2a1b50-7f0c-4d9f-9c55-6f1d3a2b4c5d
                 */
                integrated_account_id: components["parameters"]["IntegratedAccount"];
            };
            header?: never;
            path: {
                /**
                 * @description What the records are, such as `users`, as the tool says.
                 * @example users
                 */
                resource: components["parameters"]["Resource"];
                /**
                 * @description A record's id; for POST the name of an operation of the resource's own, such as `suspend`.
                 * @example IR7VJHJ36JHINBFAD7V2T5MP3E
                 */
                id_or_method: string;
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Arguments"];
        responses: {
            200: components["responses"]["Record"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["ServerError"];
        };
    };
}
