import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

const COMPONENTS = '#/components/schemas/';
const SHARED = '__shared';
/** Before what stands for the name of a schema that has none. */
const INLINE = '__inline/';

/**
 * Schemas by name, with references to each other, as components of an OpenAPI 3.1 document (JSON Schema 2020-12), and
 * beside them those without a name, written out where they stand. All are converted at once: each on its own takes as long as all.
 */
export function componentSchemas(
  named: Readonly<Record<string, z.ZodType>>,
  unnamed: Iterable<z.ZodType>,
  io: 'input' | 'output',
): { schemas: Record<string, JsonSchema>; inline(schema: z.ZodType): JsonSchema } {
  const registry = z.registry<{ id: string }>();
  const ids = new Map<z.ZodType, string>();
  for (const [id, schema] of Object.entries(named)) ids.set(schema, id);
  for (const schema of unnamed) if (!ids.has(schema)) ids.set(schema, `${INLINE}${ids.size}`);
  for (const [schema, id] of ids) registry.add(schema, { id });
  const uri = (id: string) => `${COMPONENTS}${id}`;
  const all = z.toJSONSchema(registry, { io, uri, unrepresentable: 'any', override: write });
  const { schemas, inline } = tidyAll(all.schemas as Record<string, JsonSchema>, io);
  return {
    schemas,
    inline: (schema) => {
      const id = ids.get(schema);
      if (id === undefined) throw new Error('The schema is none of those that were given.');
      return inline[id] ?? { $ref: uri(id) };
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

function tidyAll(all: Record<string, JsonSchema>, io: 'input' | 'output') {
  const { [SHARED]: shared, ...rest } = all;
  const definitions = new Map<string, JsonSchema>();
  for (const [name, schema] of Object.entries((shared?.$defs ?? {}) as Record<string, JsonSchema>))
    definitions.set(`${COMPONENTS}${SHARED}#/$defs/${name}`, schema);
  const schemas: Record<string, JsonSchema> = {};
  const inline: Record<string, JsonSchema> = {};
  for (const [id, schema] of Object.entries(rest))
    if (id.startsWith(INLINE)) definitions.set(`${COMPONENTS}${id}`, schema);
  for (const [id, schema] of Object.entries(rest)) {
    const place = id.startsWith(INLINE) ? inline : schemas;
    place[id] = tidy(schema, definitions, io) as JsonSchema;
  }
  return { schemas, inline };
}

/** Puts what has no name where it is used, and leaves out what only says how zod checks. */
function tidy(node: unknown, definitions: ReadonlyMap<string, JsonSchema>, io: 'input' | 'output'): unknown {
  if (Array.isArray(node)) return node.map((item) => tidy(item, definitions, io));
  if (typeof node !== 'object' || node === null) return node;
  const json = node as JsonSchema;
  if (typeof json.$ref === 'string') {
    const found = definitions.get(json.$ref);
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
