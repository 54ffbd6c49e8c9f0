import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Core, createCore, type Logger, loadConfiguration, systemClock, systemIds } from '@signalbox/core';
import { postgresBackend, type TestBackend } from '@signalbox/core/testing';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { AuditTrail } from '../audit/audit-trail.ts';
import { embeddingSettings } from '../embedding-settings.ts';
import { Readiness } from '../health/readiness.ts';
import { createApi } from '../http/create-api.ts';
import { openWebhookKey } from '../keys/webhook-key.ts';
import { Metrics } from '../metrics/metrics.ts';

export interface ApiHarness {
  app: FastifyInstance;
  core: Core;
  audit: AuditTrail;
  readiness: Readiness;
  /** A request as a program on this machine makes it; objects are sent as JSON. */
  call(method: string, url: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallOptions {
  body?: unknown;
  /** Bytes as they are, in place of `body`. */
  raw?: Buffer | string;
  headers?: Record<string, string>;
  /** Address the request comes from; loopback by default. */
  from?: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any;
}

/** The HTTP side over a real database of its own. */
export async function openApi(
  options: {
    environment?: Record<string, string>;
    backend?: TestBackend;
    dashboardDirectory?: string;
    logger?: Logger;
  } = {},
): Promise<ApiHarness> {
  const { database, close } = await (options.backend ?? postgresBackend).open();
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-api-'));
  const environment = { SIGNALBOX_DATA_DIR: dataDir, ...options.environment };
  const { values: configuration } = loadConfiguration({ cwd: '/', environment });
  const logger = options.logger ?? pino({ level: 'silent' });
  const { allowPrivate, dashboardUrl } = configuration.webhooks;
  const key = await openWebhookKey(dataDir, configuration.webhooks.key, systemIds);
  const webhooks = { key, allowPrivate, dashboardUrl: () => dashboardUrl };
  const core = createCore({
    database,
    dataDir,
    nodeId: 'test',
    logger,
    webhooks,
    embeddings: embeddingSettings(configuration.embeddings),
    linters: configuration.validation.linters,
  });
  core.start();
  await core.projects.ensureDefault();
  const audit = await AuditTrail.open(core, dataDir, null);
  const readiness = new Readiness();
  readiness.ready();
  const about = { version: '0.0.0', nodeId: 'test', startedAt: systemClock.now(), clock: systemClock };
  const { app, streams } = await createApi({
    core,
    audit,
    configuration,
    ids: systemIds,
    logger,
    metrics: new Metrics(),
    health: { ...about, database, readiness, feedLag: () => core.feed.lag(), roles: [] },
    system: { ...about, configuration, database, databaseVersion: null, notices: [], runtimes: [] },
    // Without one given there is none, whether or not one has been built.
    dashboardDirectory: options.dashboardDirectory ?? dataDir,
  });
  return {
    app,
    core,
    audit,
    readiness,
    call: (method, url, given) => call(app, method, url, given),
    close: async () => {
      streams.close();
      await app.close();
      await core.close();
      await close();
    },
  };
}

async function call(app: FastifyInstance, method: string, url: string, given: CallOptions = {}): Promise<Answer> {
  const payload = given.raw ?? (given.body === undefined ? undefined : JSON.stringify(given.body));
  const response = await app.inject({
    method: method as NonNullable<InjectOptions['method']>,
    url,
    remoteAddress: given.from ?? '127.0.0.1',
    headers: {
      host: '127.0.0.1:4780',
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...given.headers,
    },
    ...(payload === undefined ? {} : { payload }),
  });
  const text = response.body;
  return { status: response.statusCode, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  // A line of JSON each is text.
  return /^[[{"]/.test(text) && !text.trimEnd().includes('}\n{') ? JSON.parse(text) : undefined;
}
