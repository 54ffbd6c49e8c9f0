import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

const COMPONENTS = '#/components/schemas/';
const SHARED = '__shared';

/** Schemas by name, with references to each other, as components of an OpenAPI 3.1 document (JSON Schema 2020-12). */
export function componentSchemas(
  named: Readonly<Record<string, z.ZodType>>,
  io: 'input' | 'output',
): { schemas: Record<string, JsonSchema>; inline(schema: z.ZodType): JsonSchema } {
  const registry = z.registry<{ id: string }>();
  const ids = new Map<z.ZodType, string>();
  for (const [id, schema] of Object.entries(named)) {
    registry.add(schema, { id });
    ids.set(schema, id);
  }
  const convert = (all: typeof registry): Record<string, JsonSchema> =>
    z.toJSONSchema(all, { io, uri: (id) => `${COMPONENTS}${id}`, unrepresentable: 'any', override: write })
      .schemas as Record<string, JsonSchema>;
  const schemas = tidyAll(convert(registry), io);
  return {
    schemas,
    inline: (schema) => {
      const id = ids.get(schema);
      if (id !== undefined) return { $ref: `${COMPONENTS}${id}` };
      const alone = z.registry<{ id: string }>();
      for (const [name, known] of Object.entries(named)) alone.add(known, { id: name });
      alone.add(schema, { id: 'alone' });
      return tidyAll(convert(alone), io).alone ?? {};
    },
  };
}

/** What zod cannot know: any JSON is any schema; text of the query stands for numbers and booleans. */
function write(context: { zodSchema: z.core.$ZodTypes; jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const json = context.jsonSchema as JsonSchema;
  if (isAnyJson(context.zodSchema)) replace(json, {});
  const meta = z.globalRegistry.get(context.zodSchema as unknown as z.ZodType);
  if (meta && 'wire' in meta) replace(json, meta.wire as JsonSchema);
}

/** `z.json()` is a lazy union that holds itself. */
function isAnyJson(schema: z.core.$ZodTypes): boolean {
  return schema._zod.def.type === 'lazy';
}

function replace(json: JsonSchema, by: JsonSchema): void {
  for (const key of Object.keys(json)) delete json[key];
  Object.assign(json, by);
}

function tidyAll(schemas: Record<string, JsonSchema>, io: 'input' | 'output'): Record<string, JsonSchema> {
  const { [SHARED]: shared, ...rest } = schemas;
  const definitions = (shared?.$defs ?? {}) as Record<string, JsonSchema>;
  return Object.fromEntries(
    Object.entries(rest).map(([id, schema]) => [id, tidy(schema, definitions, io) as JsonSchema]),
  );
}

/** Puts shared definitions where they are used, and leaves out what only says how zod checks. */
function tidy(node: unknown, definitions: Record<string, JsonSchema>, io: 'input' | 'output'): unknown {
  if (Array.isArray(node)) return node.map((item) => tidy(item, definitions, io));
  if (typeof node !== 'object' || node === null) return node;
  const json = node as JsonSchema;
  if (typeof json.$ref === 'string') {
    const name = json.$ref.split(`${SHARED}#/$defs/`)[1];
    const found = name === undefined ? undefined : definitions[name];
    return found === undefined ? { $ref: json.$ref } : tidy(found, definitions, io);
  }
  const tidied: JsonSchema = {};
  for (const [key, value] of Object.entries(json)) {
    if (isNoise(key, value, json, io)) continue;
    tidied[key] = key === 'default' || key === 'enum' || key === 'wire' ? value : tidy(value, definitions, io);
  }
  // "anything, or null" is anything.
  if (Array.isArray(tidied.anyOf) && tidied.anyOf.some((option) => Object.keys(option as JsonSchema).length === 0))
    return {};
  return tidied;
}

function isNoise(key: string, value: unknown, json: JsonSchema, io: 'input' | 'output'): boolean {
  if (key === '$schema' || key === '$id' || key === 'id' || key === 'wire')
    return typeof value === 'string' || key === 'wire';
  if (key === 'pattern') return json.format === 'date-time' || json.format === 'uuid';
  if (key === 'propertyNames') return true;
  if (key === 'minimum') return value === Number.MIN_SAFE_INTEGER;
  if (key === 'maximum') return value === Number.MAX_SAFE_INTEGER;
  // Later versions may answer more; clients must not refuse it.
  return key === 'additionalProperties' && value === false && io === 'output';
}
