import {
  ApiKeys,
  IdempotencyKeys,
  Journal,
  loadConfiguration,
  Projects,
  systemClock,
  systemIds,
  Workspaces,
} from '@signalbox/core';
import { postgresBackend, type TestBackend } from '@signalbox/core/testing';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { Readiness } from '../health/readiness.ts';
import { createApi } from '../http/create-api.ts';
import { Metrics } from '../metrics/metrics.ts';
import type { ApiCore } from '../routes/all-routes.ts';

export interface ApiHarness {
  app: FastifyInstance;
  core: ApiCore;
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
  options: { environment?: Record<string, string>; backend?: TestBackend; dashboardDirectory?: string } = {},
): Promise<ApiHarness> {
  const { database, close } = await (options.backend ?? postgresBackend).open();
  const { values: configuration } = loadConfiguration({ cwd: '/', environment: options.environment ?? {} });
  const parts = { database, ids: systemIds };
  const core: ApiCore = {
    projects: new Projects(parts),
    keys: new ApiKeys(parts),
    workspaces: new Workspaces(parts),
    journal: new Journal({ database }),
    idempotency: new IdempotencyKeys({ database }),
  };
  await core.projects.ensureDefault();
  const readiness = new Readiness();
  readiness.ready();
  const app = await createApi({
    core,
    configuration,
    ids: systemIds,
    logger: pino({ level: 'silent' }),
    metrics: new Metrics(),
    health: {
      database,
      readiness,
      feedLag: async () => ({ unplaced: 0, lagSeconds: 0 }),
      roles: [],
      clock: systemClock,
      version: '0.0.0',
      nodeId: 'test',
      startedAt: systemClock.now(),
    },
    ...(options.dashboardDirectory === undefined ? {} : { dashboardDirectory: options.dashboardDirectory }),
  });
  return {
    app,
    core,
    readiness,
    call: (method, url, given) => call(app, method, url, given),
    close: async () => {
      await app.close();
      await close();
    },
  };
}

async function call(app: FastifyInstance, method: string, url: string, given: CallOptions = {}): Promise<Answer> {
  const payload = given.raw ?? (given.body === undefined ? undefined : JSON.stringify(given.body));
  const response = await app.inject({
    method: method as NonNullable<InjectOptions['method']>,
    url,
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
  return /^[[{"]/.test(text) ? JSON.parse(text) : undefined;
}
