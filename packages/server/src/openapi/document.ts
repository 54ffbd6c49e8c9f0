import type { z } from 'zod';
import { OPERATIONS } from '../contract/api.ts';
import { ANSWER_COMPONENTS, REQUEST_COMPONENTS, SHARED_COMPONENTS } from '../contract/components.ts';
import type { Operation } from '../contract/operation.ts';
import { SERVER_VERSION } from '../version.ts';
import { componentSchemas, type JsonSchema } from './json-schemas.ts';

export const API_BASE = '/api/v1';
const OPERATORS = 'eq neq gt gte lt lte in not_in like ilike contains json_contains'.split(' ');

const TAGS: Readonly<Record<string, string>> = {
  sessions: 'Durable runs of agent work.',
  'session verbs': 'What can be done with a session in the course of its life.',
  journal: 'The append-only log of a session.',
  checkpoints: 'Numbered resume points of a session.',
  tasks: 'Units of queued work.',
  queues: 'Where tasks wait: what they hold, and how they are limited and closed.',
  graph: 'What the code is made of, and what is around it, as it is and as it was.',
  topology: 'Which services there are, what depends on what, and what a change can break.',
  policies: 'Rules that allow, hold or refuse what agents do.',
  budgets: 'What sessions, agents and projects may spend.',
  schedules: 'Tasks that come again and again.',
  webhooks: 'Where the changes of a project are told.',
  locks: 'Exclusive and shared rights to named resources.',
  'path claims': 'Who may change which files of a workspace.',
  conflicts: 'Sessions that got into each other’s way.',
  rollback: 'Putting things back: conflicts on the way, and how it stands.',
  approvals: 'Questions to people that hold sessions, tasks and tool calls.',
  workspaces: 'Directories in which agents work.',
  projects: 'Who the rows belong to.',
  keys: 'Who may come in.',
  audit: 'Who did what to what.',
  events: 'Changes as they happen.',
  system: 'This node.',
};

/** The API as OpenAPI 3.1, made from the contract alone: no database and no server are needed. Always the same text. */
export function openApiDocument(): JsonSchema {
  const asked = OPERATIONS.flatMap(({ params, query, body }) => [params, query, body]).filter(
    (schema) => schema !== undefined,
  );
  const answered = OPERATIONS.map(({ answer }) => answer.schema).filter((schema) => schema !== undefined);
  const requests = componentSchemas({ ...REQUEST_COMPONENTS, ...SHARED_COMPONENTS }, asked, 'input');
  const answers = componentSchemas({ ...ANSWER_COMPONENTS, ...SHARED_COMPONENTS }, answered, 'output');
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS) {
    const path = `${API_BASE}${operation.path}`;
    paths[path] ??= {};
    paths[path][operation.method.toLowerCase()] = describe(operation, requests.inline, answers.inline);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Signalbox',
      version: SERVER_VERSION,
      description: 'A control plane for fleets of coding agents.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { cookie: [] }, {}],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or a JSON Web Token.' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'signalbox-session-{port}',
          description:
            'A browser session; unsafe methods need the header X-Signalbox-CSRF as well. Over TLS the name begins with __Host-.',
        },
      },
      schemas: sorted({ ...requests.schemas, ...answers.schemas }),
    },
  };
}

function describe(
  operation: Operation,
  request: (schema: z.ZodType) => JsonSchema,
  answer: (schema: z.ZodType) => JsonSchema,
): JsonSchema {
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    'x-role': operation.role,
    parameters: [
      ...parametersIn('path', operation.params, request),
      ...parametersIn('query', operation.query, request),
      ...filters(operation),
      ...headers(operation),
    ],
    ...(operation.body === undefined ? {} : { requestBody: bodyOf(operation, operation.body, request) }),
    responses: {
      ...(operation.answer.found === undefined
        ? {}
        : { 200: { ...answerOf(operation, answer), description: operation.answer.found } }),
      [operation.answer.status]: answerOf(operation, answer),
      default: {
        description: 'A problem document (RFC 9457).',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function parametersIn(
  place: 'path' | 'query',
  schema: z.ZodType | undefined,
  convert: (schema: z.ZodType) => JsonSchema,
): JsonSchema[] {
  if (!schema) return [];
  const { properties, required } = convert(schema) as { properties?: Record<string, JsonSchema>; required?: string[] };
  return Object.entries(properties ?? {}).map(([name, { description, ...value }]) => ({
    name,
    in: place,
    required: place === 'path' || (required?.includes(name) ?? false),
    ...(description === undefined ? {} : { description }),
    schema: value,
  }));
}

/** Filters are one object parameter in form style: `{ 'priority.gte': '1' }` is sent as `?priority.gte=1`. */
function filters(operation: Operation): JsonSchema[] {
  if (!operation.filters) return [];
  return [
    {
      name: 'filters',
      in: 'query',
      style: 'form',
      explode: true,
      description: `\`field=value\` or \`field.operator=value\`. Fields: ${operation.filters.join(', ')}. Operators: ${OPERATORS.join(', ')}.`,
      schema: { type: 'object', additionalProperties: { type: 'string' } },
    },
  ];
}

function headers(operation: Operation): JsonSchema[] {
  const found: JsonSchema[] = [];
  const header = (name: string, required: boolean, description: string) =>
    found.push({ name, in: 'header', required, description, schema: { type: 'string' } });
  if (operation.ifMatch === 'required' || operation.ifMatch === 'optional') {
    header('If-Match', operation.ifMatch === 'required', 'The version that you saw, in quotes, as its ETag gave it.');
  }
  // An answer that is streamed is not kept to be given again.
  if (operation.method === 'POST' && operation.answer.mediaType === undefined) {
    header('Idempotency-Key', false, 'The same key with the same request is answered again and not done again.');
  }
  if (operation.id === 'streamEvents') header('Last-Event-ID', false, 'Where to go on, `epoch:position`.');
  return found;
}

function bodyOf(operation: Operation, body: z.ZodType, convert: (schema: z.ZodType) => JsonSchema): JsonSchema {
  return {
    required: !body.safeParse(undefined).success,
    content: {
      'application/json': {
        schema: convert(body),
        ...(operation.example === undefined ? {} : { example: operation.example }),
      },
    },
  };
}

function answerOf({ answer }: Operation, convert: (schema: z.ZodType) => JsonSchema): JsonSchema {
  if (answer.mediaType) {
    return { description: answer.about, content: { [answer.mediaType]: { schema: textOrBytes(answer.mediaType) } } };
  }
  if (!answer.schema) return { description: answer.about };
  return {
    description: answer.about,
    content: {
      'application/json': { schema: convert(answer.schema) },
      ...(answer.alsoText === undefined ? {} : { [answer.alsoText]: { schema: textOrBytes(answer.alsoText) } }),
    },
  };
}

function textOrBytes(mediaType: string): JsonSchema {
  return mediaType.startsWith('text/') ? { type: 'string' } : { type: 'string', format: 'binary' };
}

function sorted<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
