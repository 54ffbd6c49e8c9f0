import fc from 'fast-check';
import type { JsonSchema } from '../../openapi/json-schemas.ts';
import { hostileValue } from './hostile-values.ts';

/** How deep references are followed: schemas hold themselves. */
const DEEPEST = 5;
/** Times a program may be made to wait; a generated request is answered at once. */
const WAITING = /^wait/i;

/** Values that a schema of the document allows, and now and then one with something in it that it does not. */
export function schemaArbitrary(schema: JsonSchema, schemas: Record<string, JsonSchema>): fc.Arbitrary<unknown> {
  return new Valid(schemas).of(schema, '', 0);
}

/** Stands for the id of something that was made before, wherever the request is made; see `filledIn`. */
export interface MadeBefore {
  $made: { name: string; number: number };
}

class Valid {
  readonly #schemas: Record<string, JsonSchema>;

  constructor(schemas: Record<string, JsonSchema>) {
    this.#schemas = schemas;
  }

  of(schema: JsonSchema, name: string, depth: number): fc.Arbitrary<unknown> {
    if (depth > DEEPEST) return fc.constant(null);
    if (typeof schema.$ref === 'string') {
      return this.of(this.#schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, name, depth + 1);
    }
    if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
    if ('const' in schema) return fc.constant(schema.const);
    const options = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
    if (options) return fc.oneof(...options.map((option) => this.of(option, name, depth)));
    switch (schema.type) {
      case 'string':
        return this.#text(schema, name);
      case 'integer':
        return fc.integer(bounds(schema, name));
      case 'number': {
        const { min, max } = bounds(schema, name);
        return fc.double({ min, max, noNaN: true, noDefaultInfinity: true });
      }
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array': {
        const minLength = number(schema.minItems, 0);
        const items = this.of((schema.items as JsonSchema) ?? {}, name, depth + 1);
        return fc.array(items, { minLength, maxLength: Math.min(number(schema.maxItems, 4), Math.max(minLength, 4)) });
      }
      case 'object':
        return this.#object(schema, depth);
      default:
        return fc.jsonValue({ maxDepth: 3 });
    }
  }

  #object(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
    const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
    if (properties.length === 0) {
      const values = typeof schema.additionalProperties === 'object' ? (schema.additionalProperties as JsonSchema) : {};
      return fc.dictionary(fc.string({ minLength: 1, maxLength: 12 }), this.of(values ?? {}, '', depth + 1), {
        maxKeys: 4,
      });
    }
    const required = (schema.required ?? []) as string[];
    const fields = properties.map(([name, field]) => [name, this.of(field, name, depth + 1)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: required });
  }

  #text(schema: JsonSchema, name: string): fc.Arbitrary<unknown> {
    if (schema.format === 'uuid') return idArbitrary(name);
    if (schema.format === 'date-time')
      return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((at) => at.toISOString());
    const minLength = number(schema.minLength, 0);
    const maxLength = Math.min(number(schema.maxLength, 40), Math.max(minLength, 40));
    const free = fc.string({ minLength, maxLength, unit: 'grapheme' });
    const told = /id$/i.test(name) ? [idArbitrary(name)] : [];
    const { pattern } = schema;
    if (typeof pattern === 'string' && !pattern.includes('\\p') && !pattern.includes('\\0')) {
      return fc.oneof(...told, fc.stringMatching(new RegExp(pattern)));
    }
    return fc.oneof(...told, free);
  }
}

/** An id: mostly of something that was made before, else of nothing. */
export function idArbitrary(name: string): fc.Arbitrary<unknown> {
  const made = fc.nat(50).map((number): MadeBefore => ({ $made: { name, number } }));
  return fc.oneof({ weight: 3, arbitrary: made }, { weight: 1, arbitrary: fc.uuid() });
}

/** Puts a hostile value, or one that nobody asked for, somewhere into a body. */
export function spoilt(body: unknown): fc.Arbitrary<unknown> {
  return fc.tuple(hostileValue, fc.infiniteStream(fc.nat(9))).map(([hostile, chances]) => {
    const put = (value: unknown): unknown => {
      if (chances.next().value === 0 || typeof value !== 'object' || value === null) return hostile;
      if (Array.isArray(value)) {
        const at = chances.next().value % (value.length + 1);
        return [...value.slice(0, at), put(value[at]), ...value.slice(at + 1)];
      }
      const names = Object.keys(value);
      const name = names[chances.next().value % (names.length + 1)] ?? 'unheardOf';
      return { ...value, [name]: put((value as Record<string, unknown>)[name]) };
    };
    return put(body);
  });
}

function bounds(schema: JsonSchema, name: string): { min: number; max: number } {
  if (WAITING.test(name)) return { min: 0, max: 1 };
  const integer = schema.type === 'integer';
  const step = integer ? 1 : 1e-9;
  const min = number(
    schema.minimum,
    typeof schema.exclusiveMinimum === 'number' ? schema.exclusiveMinimum + step : -1e6,
  );
  return { min, max: Math.max(min, Math.min(number(schema.maximum, 1e6), 2 ** 31 - 1)) };
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
