import { isIP } from 'node:net';
import { z } from 'zod';
import type { MapStatement } from '../ingest/statement.ts';
import { environmentSchema, serviceKeySchema } from '../terms.ts';
import type { SpanMemory } from './span-memory.ts';
import { unreadable } from './yaml-documents.ts';

/** Most spans of one request. */
const MOST_SPANS = 50_000;

const attributeSchema = z.looseObject({
  key: z.string(),
  value: z.looseObject({ stringValue: z.string().optional() }).nullish(),
});
const attributes = z.array(attributeSchema).nullish();
/** As text, since 64 bits are more than a number of JSON holds; some senders write numbers all the same. */
const nanoseconds = z.union([
  z.string().regex(/^\d{1,20}$/, 'must be nanoseconds since 1970'),
  z
    .number()
    .nonnegative()
    .max(2 ** 64),
]);
const spanSchema = z.looseObject({
  traceId: z.string().min(1).max(64),
  spanId: z.string().min(1).max(32),
  parentSpanId: z.string().max(32).nullish(),
  kind: z.union([z.int(), z.string()]).nullish(),
  endTimeUnixNano: nanoseconds,
  attributes,
  links: z.array(z.looseObject({ traceId: z.string(), spanId: z.string() })).nullish(),
});

/** An export request of OTLP over HTTP, in JSON. What is not needed here is not looked at. */
export const traceExportSchema = z.looseObject({
  resourceSpans: z
    .array(
      z.looseObject({
        resource: z.looseObject({ attributes }).nullish(),
        scopeSpans: z.array(z.looseObject({ spans: z.array(spanSchema).nullish() })).nullish(),
      }),
    )
    .nullish(),
});
export type TraceExport = z.input<typeof traceExportSchema>;

/** One call was seen. Its other end said so itself, or the caller said whom it called, or only where it called. */
const SEEN_AT_BOTH_ENDS = 1;
const NAMED_BY_CALLER = 0.9;
const ADDRESSED = 0.6;

/** A span that ended, as far as the map asks. */
export interface SeenSpan {
  service: string;
  environment: string | null;
  kind: SpanKind;
  protocol: string | null;
  endedAt: string;
}
type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
const KINDS: readonly SpanKind[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'];

type Stated = NonNullable<MapStatement['dependencies']>[number];

/**
 * Dependencies that traces show: a span whose parent, or the sender of whose message, is of another service; and calls that name whom or
 * what they call. Services send their spans apart and in any order, so `memory` keeps the ends that have not met.
 * @throws IMPORT_UNREADABLE
 */
export function readTraces(input: unknown, memory: SpanMemory): MapStatement {
  const parsed = traceExportSchema.safeParse(input);
  if (!parsed.success) {
    const [{ path, message } = { path: [], message: 'it is none' }] = parsed.error.issues;
    throw unreadable('OTLP', `${path.join('.') || 'the request'}: ${message}`);
  }
  const seen: { span: z.infer<typeof spanSchema>; what: SeenSpan; called: Stated[] }[] = [];
  for (const { resource, scopeSpans } of parsed.data.resourceSpans ?? []) {
    const of = textsOf(resource?.attributes);
    const service = serviceKeySchema.safeParse(of.get('service.name'));
    const environment = environmentSchema.safeParse(
      of.get('deployment.environment.name') ?? of.get('deployment.environment') ?? null,
    );
    // Without a name there is nobody to put on the map; senders that have none say `unknown_service`.
    if (!service.success || service.data.startsWith('unknown_service')) continue;
    for (const span of (scopeSpans ?? []).flatMap(({ spans }) => spans ?? [])) {
      if (seen.length === MOST_SPANS) throw unreadable('OTLP', `it holds more than ${MOST_SPANS} spans`);
      const what = asSeen(span, service.data, environment.success ? environment.data : null);
      seen.push({ span, what, called: namedBy(span, what) });
    }
  }
  // Only what is whole is remembered.
  const met = seen.flatMap(({ span, what }) =>
    memory.meet(`${span.traceId}/${span.spanId}`, what, [
      ...(span.parentSpanId ? [`${span.traceId}/${span.parentSpanId}`] : []),
      ...(span.links ?? []).map((link) => `${link.traceId}/${link.spanId}`),
    ]),
  );
  const calls = met.flatMap(({ caller, callee }) =>
    caller.service === callee.service ? [] : [joined(caller, callee)],
  );
  return {
    discoverySource: 'opentelemetry',
    dependencies: surest([...seen.flatMap(({ called }) => called), ...calls]),
  };
}

function asSeen(span: z.infer<typeof spanSchema>, service: string, environment: string | null): SeenSpan {
  const { kind } = span;
  const of = textsOf(span.attributes);
  const byName = KINDS.find((one) => kind === `SPAN_KIND_${one.toUpperCase()}`);
  return {
    service,
    environment,
    kind: byName ?? (typeof kind === 'number' ? KINDS[kind] : undefined) ?? 'internal',
    protocol:
      ['rpc.system.name', 'rpc.system', 'messaging.system', 'db.system.name', 'db.system']
        .map((name) => of.get(name))
        .find(Boolean) ?? (of.has('http.request.method') || of.has('http.method') ? 'http' : null),
    endedAt: new Date(Math.floor(Number(span.endTimeUnixNano) / 1e6)).toISOString(),
  };
}

/** Whom or what a call says that it calls. */
function namedBy(span: z.infer<typeof spanSchema>, what: SeenSpan): Stated[] {
  if (what.kind !== 'client' && what.kind !== 'producer') return [];
  const of = textsOf(span.attributes);
  const peer = of.get('peer.service') ?? of.get('service.peer.name');
  const isDatabase = of.has('db.system') || of.has('db.system.name');
  const address = isDatabase ? (of.get('server.address') ?? of.get('net.peer.name')) : undefined;
  const target = serviceKeySchema.safeParse(peer ?? (address && isIP(address) === 0 ? address : undefined));
  if (!target.success || target.data === what.service) return [];
  const confidence = peer === undefined ? ADDRESSED : NAMED_BY_CALLER;
  return [stated(what, target.data, what.kind === 'producer', what.protocol, what.endedAt, confidence)];
}

function joined(caller: SeenSpan, callee: SeenSpan): Stated {
  const isMessage = caller.kind === 'producer' || callee.kind === 'consumer';
  const at = [caller.endedAt, callee.endedAt].sort().at(-1) ?? callee.endedAt;
  return stated(caller, callee.service, isMessage, callee.protocol ?? caller.protocol, at, SEEN_AT_BOTH_ENDS);
}

function stated(
  { service: source, environment }: SeenSpan,
  target: string,
  isMessage: boolean,
  protocol: string | null,
  observedAt: string,
  confidence: number,
): Stated {
  const mode = isMessage ? 'async' : 'sync';
  return { source, target, environment, mode, protocol: protocol?.slice(0, 60) ?? null, observedAt, confidence };
}

/** Of many calls between the same two the surest, as of the last: thousands of spans are few dependencies. */
function surest(all: readonly Stated[]): Stated[] {
  const kept = new Map<string, Stated>();
  for (const one of all) {
    const key = `${one.environment ?? ''} ${one.source} ${one.target}`;
    const there = kept.get(key);
    if (!there) {
      kept.set(key, one);
      continue;
    }
    const better = (one.confidence ?? 1) > (there.confidence ?? 1) ? one : there;
    const [first = '', last = ''] = [one.observedAt ?? '', there.observedAt ?? ''].sort();
    kept.set(key, { ...better, observedAt: last || first });
  }
  return [...kept.values()];
}

function textsOf(list: z.infer<typeof attributes>): Map<string, string> {
  return new Map(
    (list ?? []).flatMap(({ key, value }) => (value?.stringValue ? [[key, value.stringValue] as const] : [])),
  );
}
