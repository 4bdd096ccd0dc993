/**
 * The values that a JSON Schema describes, as far as it says so in a literal type: `type`, `enum`, `const`,
 * `properties`, `required`, `items`, `anyOf` and `oneOf`. What it says otherwise is `unknown`.
 */
export type JsonSchemaValue<Schema> = Schema extends { readonly const: infer Value }
  ? Value
  : Schema extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : Schema extends { readonly anyOf: readonly (infer Branch)[] }
      ? JsonSchemaValue<Branch>
      : Schema extends { readonly oneOf: readonly (infer Branch)[] }
        ? JsonSchemaValue<Branch>
        : Schema extends { readonly type: readonly (infer Type)[] }
          ? ValueOfType<Type, Schema>
          : Schema extends { readonly type: infer Type }
            ? ValueOfType<Type, Schema>
            : unknown;

type ValueOfType<Type, Schema> = Type extends "string"
  ? string
  : Type extends "number" | "integer"
    ? number
    : Type extends "boolean"
      ? boolean
      : Type extends "null"
        ? null
        : Type extends "array"
          ? EntriesOf<Schema>
          : Type extends "object"
            ? PropertiesOf<Schema>
            : unknown;

type EntriesOf<Schema> = Schema extends { readonly items: infer Items }
  ? readonly JsonSchemaValue<Items>[]
  : readonly unknown[];

type PropertiesOf<Schema> = Schema extends { readonly properties: infer Properties }
  ? {
      readonly [Name in keyof Properties as Name extends RequiredOf<Schema> ? Name : never]: JsonSchemaValue<
        Properties[Name]
      >;
    } & {
      readonly [Name in keyof Properties as Name extends RequiredOf<Schema> ? never : Name]?: JsonSchemaValue<
        Properties[Name]
      >;
    }
  : Readonly<Record<string, unknown>>;

type RequiredOf<Schema> = Schema extends { readonly required: readonly (infer Name)[] } ? Name : never;
