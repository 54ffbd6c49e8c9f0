import { describe, expect, test } from 'vitest';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { MapStatement } from '../ingest/statement.ts';
import { readBackstage } from './backstage.ts';
import { readCompose } from './compose.ts';
import { readKubernetes } from './kubernetes.ts';
import { SpanMemory } from './span-memory.ts';
import { readTraces } from './traces.ts';
import { MOST_TEXT } from './yaml-documents.ts';

const edgesOf = ({ dependencies = [] }: MapStatement) =>
  dependencies.map(({ source, target, mode, protocol, confidence }) =>
    [`${source}>${target}`, mode, protocol, confidence].filter((part) => part !== undefined && part !== null),
  );
const reasonOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    return SignalboxError.is(error, 'IMPORT_UNREADABLE') ? String(error.details.reason) : `not ours: ${error}`;
  }
  return 'nothing is wrong';
};

describe('Docker Compose', () => {
  test('says what starts after what, is linked, and has addresses of what; and where its code is', () => {
    const said = readCompose(
      `
x-common: &common { environment: { QUEUE: "amqp://user:secret@queue:5672" } }
services:
  web:
    build: ./services/web/
    depends_on: [cart]
    environment:
      - CART_URL=http://cart:8080/v1
      - ELSEWHERE=https://example.com
    labels: { signalbox.dev/criticality: high, signalbox.dev/team: shop }
  cart:
    <<: *common
    build: { context: . }
    depends_on: { db: { condition: service_healthy } }
    links: ["db:database"]
    labels: ["signalbox.dev/depends-on=mainframe", "signalbox.dev/packages=@shop/cart"]
  db: { image: postgres }
  queue:
`,
      { workspaceId: null },
    );
    expect(edgesOf(said)).toEqual([
      ['web>cart', 0.7],
      ['web>cart', 'sync', 'http', 0.9],
      ['cart>db', 0.7],
      ['cart>db', 0.9],
      ['cart>queue', 'async', 'amqp', 0.9],
      ['cart>mainframe', 1],
    ]);
    expect(said.services).toEqual([
      { key: 'web', criticality: 'high', team: 'shop' },
      { key: 'cart' },
      { key: 'db' },
      { key: 'queue' },
    ]);
    expect(said.codeRules?.map(({ service, kind, pattern }) => [service, kind, pattern])).toEqual([
      ['web', 'path', 'services/web/**'],
      ['cart', 'package', '@shop/cart'],
    ]);
    expect(JSON.stringify(said)).not.toContain('secret');
  });

  test('that is none is refused with the place of what is wrong', () => {
    const reason = (text: string) => reasonOf(() => readCompose(text));
    expect(reason('services: { a: { depends_on: [b] } }')).toContain('services.a.depends_on names "b"');
    expect(reason('services: [a]')).toContain('services');
    expect(reason('services: { a: { depends_on: 7 } }')).toContain('services.a.depends_on');
    expect(reason('services: { "a b": {} }')).toContain('"a b" is no name');
    expect(reason('services: {a: {labels: {signalbox.dev/criticality: vital}}}')).toContain('"vital"');
    expect(reason('a: 1\n---\nb: 1')).toContain('2 documents');
    expect(reason('')).toContain('0 documents');
  });
});

test('Backstage says what components depend on, and who provides the APIs that they consume', () => {
  const said = readBackstage(`
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: web
  title: Web shop
  annotations: { signalbox.dev/criticality: critical, signalbox.dev/paths: "apps/web/**, apps/shared/**" }
spec: { type: website, lifecycle: production, owner: "group:default/shop", dependsOn: ["component:cart", "resource:default/db"], consumesApis: [prices] }
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: pricing, namespace: money }
spec: { owner: money/team, providesApis: [default/prices] }
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: { name: db }
spec: { dependencyOf: [pricing] }
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: shop }
spec: { type: team, children: [] }
`);
  expect(edgesOf(said)).toEqual([
    ['web>cart', 0.8],
    ['web>db', 0.8],
    ['web>money/pricing', 'api', 0.8],
    ['pricing>db', 0.8],
  ]);
  expect(said.services).toEqual([
    {
      key: 'web',
      name: 'Web shop',
      criticality: 'critical',
      team: 'shop',
      metadata: { kind: 'Component', type: 'website', lifecycle: 'production' },
    },
    { key: 'money/pricing', team: 'money/team', metadata: { kind: 'Component' } },
    { key: 'db', metadata: { kind: 'Resource' } },
  ]);
  expect(said.codeRules?.map(({ pattern }) => pattern)).toEqual(['apps/web/**', 'apps/shared/**']);
  expect(reasonOf(() => readBackstage('kind: Component\nmetadata: {name: a}'))).toContain('document 1: apiVersion');
  expect(reasonOf(() => readBackstage('# nothing'))).toContain('no entities');
});

test('Kubernetes manifests say whose addresses the containers are given, by way of Services and config maps too', () => {
  const said = readKubernetes(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: web-deployment, namespace: shop, labels: { app.kubernetes.io/name: web }, annotations: { signalbox.dev/team: shop } }
spec:
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          env:
            - { name: CART, value: "http://cart-http" }
            - { name: PRICES, value: "grpc://pricing.money.svc.cluster.local:443" }
            - { name: OUTSIDE, value: "https://api.example.com" }
            - { name: SECRET, valueFrom: { secretKeyRef: { name: s, key: k } } }
          envFrom: [{ configMapRef: { name: settings } }]
---
apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: ConfigMap, metadata: { name: settings, namespace: shop }, data: { BROKERS: "kafka://events:9092", SELF: "http://web" } }
  - { apiVersion: v1, kind: Service, metadata: { name: cart-http, namespace: shop }, spec: { selector: { app: cart } } }
  - { apiVersion: v1, kind: Service, metadata: { name: web, namespace: shop }, spec: { selector: { app: web } } }
  - { apiVersion: v1, kind: Service, metadata: { name: events, namespace: shop }, spec: { selector: { app: kafka } } }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly, namespace: shop, annotations: { signalbox.dev/depends-on: web } }
spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: n }] } } } } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: events, namespace: shop }
spec: { template: { metadata: { labels: { app: kafka } }, spec: { containers: [] } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec: { template: { metadata: { labels: { app: cart } }, spec: { containers: [] } } }
`);
  expect(edgesOf(said)).toEqual([
    ['web>cart', 'sync', 'http', 0.8],
    ['web>pricing', 'sync', 'grpc', 0.8],
    ['web>events', 'async', 'kafka', 0.8],
    ['nightly>web', 1],
  ]);
  expect(said.services).toContainEqual({ key: 'web', team: 'shop' });
  const broken = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a }\nspec: { replicas: 1 }';
  expect(reasonOf(() => readKubernetes(broken))).toContain('object 1: spec.template');
  const template = 'apiVersion: v1\nkind: Service\nmetadata: { name: {{ .Values.name }} }';
  expect(reasonOf(() => readKubernetes(template))).toContain('object 1: metadata.name');
});

describe('OpenTelemetry traces', () => {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const span = (spanId: string, kind: number | string, more: object = {}) => ({
    traceId: 't1',
    spanId,
    kind,
    startTimeUnixNano: '1767225600000000000',
    endTimeUnixNano: '1767225600500000000',
    ...more,
  });
  const request = (service: string, spans: object[], more: { key: string; value: object }[] = []) => ({
    resourceSpans: [{ resource: { attributes: [text('service.name', service), ...more] }, scopeSpans: [{ spans }] }],
  });

  test('show calls by their both ends, however and in whatever order these are sent', () => {
    const memory = new SpanMemory();
    const of = memory.of('p1');
    const prod = [text('deployment.environment.name', 'prod')];
    const http = [text('http.request.method', 'GET')];
    // The called one is done first.
    const cart = request('cart', [span('2', 2, { parentSpanId: '1', attributes: http })]);
    expect(edgesOf(readTraces(cart, of))).toEqual([]);
    const web = request(
      'web',
      [span('0', 2), span('1', 'SPAN_KIND_CLIENT', { parentSpanId: '0', attributes: http })],
      prod,
    );
    // Another project's spans are none of ours.
    expect(edgesOf(readTraces(web, memory.of('p2')))).toEqual([]);
    const said = readTraces(web, of);
    expect(edgesOf(said)).toEqual([['web>cart', 'sync', 'http', 1]]);
    expect(said).toMatchObject({
      discoverySource: 'opentelemetry',
      dependencies: [{ environment: 'prod', observedAt: '2026-01-01T00:00:00.500Z' }],
    });
    // What is sent again says the same.
    expect(readTraces(cart, of).dependencies).toEqual(said.dependencies);
    const mail = request('mail', [span('9', 5, { traceId: 't9', links: [{ traceId: 't1', spanId: '3' }] })]);
    const sent = request('web', [span('3', 4, { parentSpanId: '0', attributes: [text('messaging.system', 'kafka')] })]);
    expect(edgesOf(readTraces({ resourceSpans: [...mail.resourceSpans, ...sent.resourceSpans] }, of))).toEqual([
      ['web>mail', 'async', 'kafka', 1],
    ]);
  });

  test('show whom a call names, and many calls are one dependency, as of the last', () => {
    const call = (spanId: string, attributes: object[], endTimeUnixNano: string | number = '1767225600500000000') =>
      span(spanId, 3, { attributes, endTimeUnixNano });
    const spans = [
      ...Array.from({ length: 50 }, (_, n) =>
        call(`a${n}`, [text('peer.service', 'legacy')], `17672256${10 + n}000000000`),
      ),
      call('b', [text('db.system.name', 'postgresql'), text('server.address', 'orders-db')]),
      call('c', [text('db.system', 'redis'), text('server.address', '10.0.0.7')]),
      call('d', [text('server.address', 'api.example.com')], 1767225600500000000),
    ];
    const said = readTraces(request('web', spans), new SpanMemory());
    expect(edgesOf(said)).toEqual([
      ['web>legacy', 'sync', 0.9],
      ['web>orders-db', 'sync', 'postgresql', 0.6],
    ]);
    expect(said.dependencies?.[0]?.observedAt).toBe('2026-01-01T00:00:59.000Z');
    const nameless = { resourceSpans: [{ scopeSpans: [{ spans }] }] };
    expect(readTraces(nameless, new SpanMemory()).dependencies).toEqual([]);
    expect(readTraces(request('unknown_service:node', spans), new SpanMemory()).dependencies).toEqual([]);
    expect(readTraces({}, new SpanMemory()).dependencies).toEqual([]);
  });

  test('that are malformed are refused whole, and nothing of them is remembered', () => {
    const memory = new SpanMemory();
    const broken = request('web', [span('1', 3), { ...span('7', 2), endTimeUnixNano: 'soon' }]);
    expect(reasonOf(() => readTraces(broken, memory))).toContain(
      'resourceSpans.0.scopeSpans.0.spans.1.endTimeUnixNano',
    );
    expect(readTraces(request('cart', [span('2', 2, { parentSpanId: '1' })]), memory).dependencies).toEqual([]);
    for (const input of [null, [], 7, { resourceSpans: 7 }, { resourceSpans: [{ scopeSpans: [{ spans: [null] }] }] }]) {
      expect(reasonOf(() => readTraces(input, memory))).not.toMatch(/^not/);
    }
    expect(reasonOf(() => readTraces(request('a', [span('1', 1, { endTimeUnixNano: 1e300 })]), memory))).not.toMatch(
      /^not/,
    );
  });
});

describe('hostile YAML', () => {
  const bomb = `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`).join('\n')}`;
  test.each([
    ['aliases that multiply', bomb, /alias/i],
    ['nesting without end', `services: ${'['.repeat(20_000)}`, /deep|document 1/],
    ['nesting that is closed', `services: ${'['.repeat(5_000)}${']'.repeat(5_000)}`, /deep/],
    ['what refers to itself', 'services: &a { web: *a }', /./],
    ['a name twice', 'services: {}\nservices: {}', /unique/i],
    ['more text than is read', `services: {} #${'x'.repeat(MOST_TEXT)}`, /characters/],
    ['documents without end', '--- a\n'.repeat(2_500), /documents/],
    ['what is no YAML', 'services: {a: "', /document 1/],
  ])('%s is refused with a reason', (_what, text, reason) => {
    for (const read of [readCompose, readBackstage, readKubernetes]) {
      expect(reasonOf(() => read(text))).toMatch(reason);
      expect(reasonOf(() => read(text))).not.toMatch(/^not/);
    }
  });

  test('names that reach for prototypes are names like any other', () => {
    const said = readCompose('services: { constructor: {}, toString: { depends_on: [constructor] } }');
    expect(edgesOf(said)).toEqual([['toString>constructor', 0.7]]);
    expect(reasonOf(() => readCompose('services: { a: { depends_on: [hasOwnProperty] } }'))).toContain('does not have');
    readCompose('services: { __proto__: { polluted: true } }');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
