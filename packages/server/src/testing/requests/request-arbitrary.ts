import fc from 'fast-check';
import type { JsonSchema } from '../../openapi/json-schemas.ts';
import { hostileBytes, hostileText } from './hostile-values.ts';
import { idArbitrary, type MadeBefore, schemaArbitrary, spoilt } from './schema-arbitrary.ts';

/** What is read of an OpenAPI document here. */
export interface ApiDocument {
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, JsonSchema> };
}

interface DocumentedOperation {
  operationId: string;
  parameters?: { name: string; in: string; required?: boolean; schema?: JsonSchema; description?: string }[];
  requestBody?: { required?: boolean; content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, unknown> }>;
}

/** A request to be made; ids of what was made before are filled in then. */
export interface GeneratedRequest {
  operation: string;
  method: string;
  path: string;
  /** By the name in the path. */
  parameters: Record<string, unknown>;
  query: [string, unknown][];
  headers: Record<string, string>;
  body: { json: unknown } | { raw: string } | null;
}

const OPERATORS = [
  '',
  '.eq',
  '.ne',
  '.gt',
  '.gte',
  '.lt',
  '.lte',
  '.in',
  '.like',
  '.ilike',
  '.null',
  '.json_contains',
  '.x',
];

/** Requests of all operations alike, most of them valid, some hostile in one place or several. */
export function requestArbitrary(document: ApiDocument, left: ReadonlySet<string>): fc.Arbitrary<GeneratedRequest> {
  const all = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, operation]) => 'operationId' in operation && !left.has(operation.operationId) && !isStream(operation))
      .map(([method, operation]) => operationRequest(path, method, operation, document.components.schemas)),
  );
  return fc.oneof(...all);
}

function operationRequest(
  path: string,
  method: string,
  operation: DocumentedOperation,
  schemas: Record<string, JsonSchema>,
): fc.Arbitrary<GeneratedRequest> {
  const parameters = operation.parameters ?? [];
  const of = (schema: JsonSchema | undefined) => mostly(schemaArbitrary(schema ?? {}, schemas), hostileText, 9);
  const ofPath = parameters
    .filter((parameter) => parameter.in === 'path')
    .map(({ name, schema }) => {
      const noun = path.split(`/{${name}}`)[0]?.split('/').at(-1) ?? name;
      const known = mostly(idArbitrary(noun), schemaArbitrary(schema ?? {}, schemas), 6);
      return [name, mostly(known, hostileText, 9)] as const;
    });
  const ofQuery = parameters.filter((parameter) => parameter.in === 'query' && parameter.name !== 'filters');
  const fields = /Fields: ([\w, ]+)/.exec(parameters.find(({ name }) => name === 'filters')?.description ?? '')?.[1];
  const filter = fc.tuple(
    fc.constantFrom(...(fields?.split(', ') ?? ['page']), 'unheardOf'),
    fc.constantFrom(...OPERATORS),
    fc.oneof(
      hostileText,
      idArbitrary('sessions'),
      fc.constantFrom('1', 'true', 'a,b', '["x"]', '2026-01-01T00:00:00Z'),
    ),
  );
  const body = operation.requestBody;
  const json = body && schemaArbitrary(body.content['application/json']?.schema ?? {}, schemas);
  return fc.record({
    operation: fc.constant(operation.operationId),
    method: fc.constant(method.toUpperCase()),
    path: fc.constant(path),
    parameters: fc.record(Object.fromEntries(ofPath)),
    query: fc
      .tuple(
        fc.record(Object.fromEntries(ofQuery.map(({ name, schema }) => [name, of(schema)])), {
          requiredKeys: ofQuery.filter(({ required }) => required).map(({ name }) => name),
        }),
        fields === undefined ? fc.constant([]) : fc.array(filter, { maxLength: 2 }),
      )
      .map(([named, filters]) => [
        ...Object.entries(named),
        ...filters.map(([field, operator, value]): [string, unknown] => [`${field}${operator}`, value]),
      ]),
    headers: headersOf(parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name)),
    body: json
      ? fc.oneof(
          { weight: 12, arbitrary: json.map((value) => ({ json: value })) },
          { weight: 6, arbitrary: json.chain(spoilt).map((value) => ({ json: value })) },
          { weight: 1, arbitrary: hostileBytes.map((raw) => ({ raw })) },
        )
      : fc.constant(null),
  });
}

function headersOf(names: readonly string[]): fc.Arbitrary<Record<string, string>> {
  const plain = hostileText.map((text) => text.replace(/[^\x20-\x7e]/g, '').slice(0, 2_000));
  const values: Record<string, fc.Arbitrary<string>> = {
    'if-match': mostly(fc.constantFrom('"1"', '"2"', '"3"'), plain, 5),
    'idempotency-key': mostly(fc.uuid(), plain, 3),
  };
  const known = names.map((name) => [name.toLowerCase(), values[name.toLowerCase()] ?? plain] as const);
  // A project that nobody knows answers nothing of all operations: not often.
  const kept = known.filter(([name]) => name !== 'x-signalbox-project' && name !== 'authorization');
  return fc.record<Record<string, string>>(Object.fromEntries(kept), {
    requiredKeys: kept.map(([name]) => name).filter((name) => name === 'if-match'),
  }) as fc.Arbitrary<Record<string, string>>;
}

function mostly<T, U>(first: fc.Arbitrary<T>, second: fc.Arbitrary<U>, weight: number): fc.Arbitrary<T | U> {
  return fc.oneof({ weight, arbitrary: first }, { weight: 1, arbitrary: second });
}

/** Answers that have no end. */
function isStream({ responses }: DocumentedOperation): boolean {
  return Object.values(responses).some(({ content }) => content !== undefined && 'text/event-stream' in content);
}

/** Puts ids of what was made before where they are asked for. */
export function filledIn(value: unknown, idFor: (made: MadeBefore['$made']) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => filledIn(item, idFor));
  if (typeof value !== 'object' || value === null) return value;
  if (isMade(value)) return idFor(value.$made);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filledIn(item, idFor)]));
}

/** Spoilt ones are what a hostile value made of them. */
function isMade(value: object): value is MadeBefore {
  if (!('$made' in value) || typeof value.$made !== 'object' || value.$made === null) return false;
  const { name, number } = value.$made as Record<string, unknown>;
  return typeof name === 'string' && Number.isInteger(number);
}
