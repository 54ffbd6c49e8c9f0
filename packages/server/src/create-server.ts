import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import {
  assertSafeToListen,
  type Core,
  createCore,
  createLogger,
  type LoadedConfiguration,
  type Logger,
  Migrator,
  type OpenTier,
  openTier,
  PgDatabase,
  PolicyFiles,
  type Runtime,
  redactor,
  secretsOf,
  systemClock,
  systemIds,
} from '@signalbox/core';
import type { FastifyInstance } from 'fastify';
import { AuditTrail } from './audit/audit-trail.ts';
import { approvalKey } from './audit/seal-keys.ts';
import { bringUp } from './bring-up.ts';
import { embeddingSettings } from './embedding-settings.ts';
import { githubSettings } from './github-settings.ts';
import { Readiness } from './health/readiness.ts';
import { createApi } from './http/create-api.ts';
import { openWebhookKey } from './keys/webhook-key.ts';
import { observeCore, observePool } from './metrics/core-readings.ts';
import { lockMetrics } from './metrics/lock-metrics.ts';
import { Metrics } from './metrics/metrics.ts';
import { countTasks } from './metrics/queue-metrics.ts';
import { createRoles, type Roles } from './roles/create-roles.ts';
import { serverRuntimes } from './roles/server-runtimes.ts';
import { rollbackSettings } from './rollback-settings.ts';
import type { EventStreams } from './sse/event-stream-route.ts';
import { SERVER_VERSION } from './version.ts';

const MEBIBYTE = 1024 ** 2;

export interface ServerOptions {
  configuration: LoadedConfiguration;
  /** By default on standard error, at the configured level, without secrets: standard output belongs to the command. */
  logger?: Logger;
  /** What sessions run on; by default every runtime there is. */
  runtimes?: readonly Runtime[];
  dashboardDirectory?: string;
}

export interface SignalboxServer {
  /**
   * Opens the database, listens and starts the roles. Resolves when it listens: with a database of its own that is when
   * all works, with a server that is away before that ({@link SignalboxServer.ready} tells when it has come).
   * @throws CONFIGURATION_INVALID, POLICY_FILE_INVALID, DATA_DIRECTORY_IN_USE, DATA_DIRECTORY_UNUSABLE and the system's error where the address is taken
   */
  start(): Promise<ServerFacts>;
  /** Resolves when the database is there and migrated and all roles have been started. */
  readonly ready: Promise<void>;
  /**
   * Ends runs, streams, requests, batches and the database, in this order; what is acknowledged is kept. Idempotent.
   * @param runs in place of the configured `runner.onStop`.
   */
  stop(runs?: 'stop' | 'wait'): Promise<void>;
}

/** What a person wants to know of a server that has started. */
export interface ServerFacts {
  /** As `http://127.0.0.1:4780`. */
  address: string;
  nodeId: string;
  version: string;
  database: { kind: OpenTier['kind']; version: string };
  /** What a person should know: a lesser database than could be, one that is being waited for. */
  notices: string[];
}

/** All that is open while the server runs. */
interface Running {
  tier: OpenTier;
  database: PgDatabase;
  core: Core;
  app: FastifyInstance;
  streams: EventStreams;
  roles: Roles;
  policyFiles: PolicyFiles;
  facts: ServerFacts;
}

export function createServer(options: ServerOptions): SignalboxServer {
  return new Server(options);
}

class Server implements SignalboxServer {
  readonly #options: ServerOptions;
  readonly #logger: Logger;
  readonly #readiness = new Readiness();
  readonly #stopping = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  #starting: Promise<ServerFacts> | null = null;
  #running: Running | null = null;
  #stopped: Promise<void> | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    redactor.registerEnvironment(process.env);
    for (const secret of secretsOf(options.configuration)) redactor.register(secret);
    this.#logger = options.logger ?? createLogger({ level: options.configuration.values.logLevel });
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  start(): Promise<ServerFacts> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  stop(runs?: 'stop' | 'wait'): Promise<void> {
    this.#stopped ??= this.#stop(runs);
    return this.#stopped;
  }

  async #start(): Promise<ServerFacts> {
    const { configuration } = this.#options;
    assertSafeToListen(configuration);
    const { databaseUrl, dataDir, embeddedTier } = configuration.values;
    const tier = await openTier(
      { databaseUrl, dataDir, embedded: embeddedTier === 'auto' ? null : embeddedTier },
      { clock: systemClock, programVersion: SERVER_VERSION, logger: this.#logger },
    );
    let opened: Partial<Running> = { tier };
    try {
      const running = await this.#open(tier, (more) => {
        opened = { ...opened, ...more };
      });
      this.#running = running;
      const up = this.#bringUp(running);
      // A database of our own is there already: who waits for the start waits for all of it.
      if (tier.kind !== 'server') await up;
      return running.facts;
    } catch (error) {
      await close(opened, 0);
      throw error;
    }
  }

  async #open(tier: OpenTier, opened: (more: Partial<Running>) => void): Promise<Running> {
    const { configuration, dashboardDirectory } = this.#options;
    const { values } = configuration;
    const nodeId = values.nodeId ?? `${hostname()}-${process.pid}`;
    const metrics = new Metrics();
    const startedAt = systemClock.now();
    const database = new PgDatabase({
      kind: tier.kind,
      pool: tier.poolConfig,
      maxConnections: values.databasePoolSize,
      clock: systemClock,
      onTransaction: metrics.transaction,
      onIdleError: (err) => this.#logger.debug({ err }, 'an idle connection to the database broke'),
      onEffectError: (err) => this.#logger.error({ err }, 'what follows a commit failed'),
    });
    opened({ database });
    const runtimes = this.#options.runtimes ?? serverRuntimes(values);
    let address: string | null = null;
    const key = await openWebhookKey(values.dataDir, values.webhooks.key, systemIds);
    const core = createCore({
      database,
      dataDir: values.dataDir,
      nodeId,
      logger: this.#logger,
      clock: systemClock,
      ids: systemIds,
      batches: metrics.batches,
      lockObserver: lockMetrics(metrics.registry),
      lockPolicy: {
        lockDelayMs: values.locks.delaySeconds * 1_000,
        ageingSeconds: values.locks.ageingSeconds,
        strictOrder: values.locks.strictOrder,
      },
      paths: values.paths,
      captureLimits: {
        fileBytes: Math.round(values.captures.maxFileMegabytes * MEBIBYTE),
        treeBytes: Math.round(values.captures.maxTreeMegabytes * MEBIBYTE),
      },
      embeddings: embeddingSettings(values.embeddings),
      github: githubSettings(values.sourceControl),
      linters: values.validation.linters,
      watchCode: values.graph.watch,
      indexMode: values.graph.mode,
      rollback: rollbackSettings(values.rollback),
      webhooks: {
        key,
        allowPrivate: values.webhooks.allowPrivate,
        dashboardUrl: () => values.webhooks.dashboardUrl ?? address,
      },
      // A node that runs nothing has nothing of theirs to look at.
      runtimes: values.roles.includes('runner') ? runtimes : [],
      approvalKey: await approvalKey(values.dataDir, values.audit.sealKey, systemIds),
      idempotencySeconds: {
        requests: values.retention.idempotencyHours * 3600,
        tasks: values.tasks.idempotencyHours * 3600,
      },
    });
    opened({ core });
    const audit = await AuditTrail.open(core, values.dataDir, values.audit.sealKey);
    const facts: ServerFacts = {
      address: '',
      nodeId,
      version: SERVER_VERSION,
      database: { kind: tier.kind, version: tier.version },
      notices: tier.notice === null ? [] : [tier.notice],
    };
    const policyFiles = new PolicyFiles(core.policies, values.policies.files);
    await policyFiles.check();
    const described = { core, audit, configuration: values, nodeId, runtimes, policyFiles };
    const roles = createRoles({ ...described, address: () => facts.address });
    opened({ roles });
    observeCore(metrics, core, () => roles.running());
    observePool(metrics, database);
    countTasks(metrics.registry, core.tasks);
    const about = { version: SERVER_VERSION, nodeId, startedAt, clock: systemClock };
    const { app, streams } = await createApi({
      core,
      audit,
      configuration: values,
      ids: systemIds,
      logger: this.#logger,
      metrics,
      health: { ...about, database, readiness: this.#readiness, feedLag: () => core.feed.lag(), roles: roles.all },
      system: {
        ...about,
        configuration: values,
        database,
        databaseVersion: tier.version === 'unknown' ? null : tier.version,
        notices: facts.notices,
        runtimes,
      },
      dashboardDirectory,
    });
    opened({ app, streams });
    await app.listen({ host: values.host, port: values.port });
    address = addressOf(app.server.address() as AddressInfo);
    facts.address = address;
    await tier.announce(facts.address);
    return { tier, database, core, app, streams, roles, policyFiles, facts };
  }

  async #bringUp({ core, database, roles, policyFiles }: Running): Promise<void> {
    const { autoMigrate } = this.#options.configuration.values;
    const migrator = new Migrator(database);
    const { signal } = this.#stopping;
    await bringUp({ core, migrator, autoMigrate, policyFiles, readiness: this.#readiness, signal });
    if (this.#stopping.signal.aborted) return;
    roles.start();
    this.#ready.resolve();
  }

  async #stop(runs: 'stop' | 'wait' | undefined): Promise<void> {
    this.#stopping.abort();
    // Whoever started it is told how that went; here it only matters that it is over.
    await Promise.allSettled([this.#starting]);
    const running = this.#running;
    if (!running) return;
    const { stopSeconds } = this.#options.configuration.values;
    // Runs first: what they say at their end comes in over HTTP as well.
    await running.roles.stop(runs);
    this.#readiness.stopping();
    await close(running, stopSeconds);
  }
}

/** Closes what is open, the latest first; requests under way get `graceSeconds` to end. */
async function close(open: Partial<Running>, graceSeconds: number): Promise<void> {
  open.streams?.close();
  if (open.app) await drain(open.app, graceSeconds);
  await open.core?.close();
  await open.database?.close();
  await open.tier?.close();
}

async function drain(app: FastifyInstance, graceSeconds: number): Promise<void> {
  const late = new AbortController();
  const closed = app.close().finally(() => late.abort());
  const cut = systemClock.sleep(graceSeconds * 1000, late.signal).then(() => app.server.closeAllConnections());
  await Promise.all([closed, cut]);
}

function addressOf({ address, family, port }: AddressInfo): string {
  const wildcard = address === '0.0.0.0' || address === '::';
  const host = wildcard ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
