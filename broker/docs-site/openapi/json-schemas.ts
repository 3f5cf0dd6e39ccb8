/**
 * Converts zod schemas to JSON Schema. A schema with a title becomes a component, which every use refers to. Within an API,
 * a title belongs to one schema.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

export type JsonObject = Record<string, unknown>;

export interface JsonSchemas {
  /** Converts a schema of a request (`input`) or a response (`output`) of the API. */
  of(schema: z.ZodType, io: 'input' | 'output', api: string): JsonObject;
  /** The components by name. */
  components: JsonObject;
}

/** Keywords whose content is a value, not a schema. */
const VALUES: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples', 'required']);

export function createJsonSchemas(): JsonSchemas {
  const components: JsonObject = {};

  const referred = (api: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((one) => referred(api, one));
    if (typeof value !== 'object' || value === null) return value;
    const schema: JsonObject = Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, VALUES.has(key) ? inner : referred(api, inner)]),
    );
    // A property named `title` is a schema, not a text.
    if (typeof schema.title !== 'string') return schema;
    const name = `${api}.${schema.title}`;
    components[name] ??= schema;
    if (!isDeepStrictEqual(components[name], schema)) throw new Error(`Two schemas have the title ${name}.`);
    return { $ref: `#/components/schemas/${name}` };
  };

  return {
    components,
    of(schema, io, api) {
      const { $schema, ...converted } = z.toJSONSchema(schema, {
        io,
        unrepresentable: ({ zodSchema }) => (zodSchema._zod.def.type === 'undefined' ? { not: {} } : 'any'),
        override: ({ jsonSchema }) => simplify(jsonSchema),
      });
      return referred(api, converted) as JsonObject;
    },
  };
}

function simplify(schema: JsonObject): void {
  // A format replaces the pattern. A number has a pattern only because a query is text.
  if (schema.format !== undefined || schema.type !== 'string') delete schema.pattern;
  // Every JavaScript integer has these bounds.
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  const { propertyNames } = schema as { propertyNames?: JsonObject };
  // Every property name is a string.
  if (isDeepStrictEqual(propertyNames, { type: 'string' })) delete schema.propertyNames;
  // Code generators handle a record with fixed keys better as an object.
  if (Array.isArray(propertyNames?.enum)) {
    schema.properties = Object.fromEntries(
      propertyNames.enum.map((key) => [key, schema.additionalProperties]),
    );
    delete schema.propertyNames;
    delete schema.additionalProperties;
  }
  // Clients must accept unknown fields, so that new ones can be added.
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}
