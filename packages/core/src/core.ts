import { join } from 'node:path';
import { Agents } from './agents/index.ts';
import { Approvals, answerToAgent } from './approvals/index.ts';
import { bridgeGraph, SessionBridge } from './bridge/index.ts';
import { codePort } from './code-port.ts';
import { Journal, Recorder, Recordings, SessionStates } from './journal/index.ts';
import {
  AssertedGraph,
  type EmbeddingSettings,
  GraphExports,
  Indexing,
  type IndexMode,
  Knowledge,
  loadNoiseSettings,
  openSemanticIndex,
  Reports,
  type SemanticIndex,
} from './knowledge/index.ts';
import {
  Conflicts,
  DEFAULT_PATH_POLICY,
  handOverPathClaims,
  type LockObserver,
  type LockPolicy,
  Locks,
  PathClaims,
  type PathPolicy,
} from './locks/index.ts';
import type { BatchObserver } from './platform/batching/index.ts';
import { type Bus, openBus } from './platform/bus/index.ts';
import { type Clock, systemClock } from './platform/clock/clock.ts';
import type { Database } from './platform/database/index.ts';
import { SignalboxError } from './platform/errors/index.ts';
import { FeedHub } from './platform/feed/index.ts';
import { IdempotencyKeys } from './platform/idempotency/index.ts';
import { type Ids, systemIds } from './platform/ids/ids.ts';
import type { Logger } from './platform/logging/index.ts';
import { Budgets, Policies } from './policies/index.ts';
import { ApiKeys, BrowserSessions, Projects } from './projects/index.ts';
import { type Linter, Proposals } from './proposals/index.ts';
import {
  ConflictEngine,
  configurationPort,
  type EntityFiles,
  filePort,
  graphPorts,
  ownChangesUndone,
  Rollback,
  RollbackMonitor,
  type RollbackNotifier,
  type RollbackSettings,
  StoredFigures,
  sessionPort,
  Undos,
  WorkspaceFiles,
  watchRollbacks,
} from './rollback/index.ts';
import {
  AdoptedSessions,
  createSessions,
  type Runtime,
  SessionFiles,
  type SessionParts,
  SessionRequests,
  type Sessions,
  settleSession,
} from './sessions/index.ts';
import { type GithubSettings, githubProvider, SourceControl } from './source-control/index.ts';
import { Specs } from './specs/index.ts';
import { ActivityRecorder, Queues, Schedules, TaskEtas, TaskQueue } from './tasks/index.ts';
import { Threads } from './threads/index.ts';
import { Topology } from './topology/index.ts';
import { WebhookDispatcher, type WebhookKey, WebhookSender, Webhooks } from './webhooks/index.ts';
import { workPort } from './work-port.ts';
import {
  type CaptureLimits,
  CaptureStores,
  Captures,
  FileHistory,
  type WorkspaceCapture,
  WorkspaceChanges,
  Workspaces,
  WorkTrees,
} from './workspaces/index.ts';

export interface CoreOptions {
  /** Open, and migrated before the first call that needs a table. Closed by whoever opened it. */
  database: Database;
  /** Directory of what this node keeps outside of the database: captures. */
  dataDir: string;
  /** Name of this node among others. */
  nodeId: string;
  logger: Logger;
  clock?: Clock;
  ids?: Ids;
  /** Told how batches go; for metrics. */
  batches?: BatchObserver;
  /** Seconds for which idempotency keys are remembered: those of requests, and those of tasks; a day each by default. */
  idempotencySeconds?: { requests?: number; tasks?: number };
  /** How conflicts over paths are met where neither session nor project says; by default as the settings do. */
  paths?: PathPolicy;
  /** How locks behave where a caller says nothing; the same on all nodes. */
  lockPolicy?: Partial<LockPolicy>;
  /** Told what locks do; for metrics. */
  lockObserver?: LockObserver;
  /** What a capture of a workspace takes at most; by default as the settings do. */
  captureLimits?: CaptureLimits;
  /** How points and rollbacks behave; what is left out is by default. */
  rollback?: Partial<RollbackSettings>;
  /** Who makes vectors for search by meaning; nobody by default. */
  embeddings?: EmbeddingSettings;
  /** Where pull requests are opened; nowhere by default. */
  github?: GithubSettings | undefined;
  /** Linters of workspaces that a person allowed to be run; none by default. */
  linters?: readonly Linter[];
  /** Whether this node watches the workspaces whose code it read, and reads again what is edited there; true by default. */
  watchCode?: boolean;
  /** How TypeScript and JavaScript are read where nobody says; `types` by default. */
  indexMode?: IndexMode;
  /** What executes sessions on this node: asked whether it can go on from its own sessions. */
  runtimes?: readonly Runtime[];
  /** Which files hold entities of the code; without it undos cannot be narrowed to entities. */
  entityFiles?: EntityFiles;
  /**
   * Key of the digests to which approvals are bound: at least 32 random bytes, the same on all nodes and kept outside of
   * the database. Without one, approvals count only as long as this process lives.
   */
  approvalKey?: Buffer;
  /** Tells people of rollbacks. */
  rollbackNotifier?: RollbackNotifier;
  /** With what webhooks are signed, whether private addresses may be told, and where messages link to; without it there are none. */
  webhooks?: { key: WebhookKey; allowPrivate: boolean; dashboardUrl: () => string | null };
}

/** All rooms on one database: the house, furnished. */
export interface Core {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly bus: Bus;
  readonly feed: FeedHub;
  readonly idempotency: IdempotencyKeys;
  readonly projects: Projects;
  readonly keys: ApiKeys;
  readonly browserSessions: BrowserSessions;
  readonly workspaces: Workspaces;
  readonly captures: Captures;
  readonly captureStores: CaptureStores;
  readonly workspaceChanges: WorkspaceChanges;
  readonly workTrees: WorkTrees;
  readonly sessions: Sessions;
  readonly sessionFiles: SessionFiles;
  /** Sessions of agents that people started themselves. */
  readonly adopted: AdoptedSessions;
  readonly undos: Undos;
  readonly journal: Journal;
  readonly states: SessionStates;
  readonly recordings: Recordings;
  readonly tasks: TaskQueue;
  readonly queues: Queues;
  readonly schedules: Schedules;
  readonly etas: TaskEtas;
  readonly agents: Agents;
  readonly locks: Locks;
  readonly pathClaims: PathClaims;
  readonly conflicts: Conflicts;
  /** Watches over rollbacks once it is started, which the role does that keeps what is stored within its bounds. */
  readonly rollbackMonitor: RollbackMonitor;
  readonly threads: Threads;
  readonly knowledge: Knowledge;
  /** Search of the code graph by meaning. */
  readonly semantic: SemanticIndex;
  /** Reads code into the graph once it is started, which the role does that runs sessions: it has the workspaces. */
  readonly indexing: Indexing;
  /** Takes reports of tools into the graph. */
  readonly reports: Reports;
  readonly specs: Specs;
  /** Version control of workspaces. */
  readonly sourceControl: SourceControl;
  /** What sessions did to what. */
  readonly bridge: SessionBridge;
  readonly proposals: Proposals;
  /** Gives the code graph in formats of other tools. */
  readonly graphExports: GraphExports;
  readonly topology: Topology;
  readonly policies: Policies;
  readonly budgets: Budgets;
  readonly approvals: Approvals;
  readonly sessionRequests: SessionRequests;
  readonly rollback: Rollback;
  readonly webhooks: Webhooks;
  /** Delivers once it is started, which the role does that keeps the queue honest. */
  readonly webhookDispatcher: WebhookDispatcher;
  /** Starts what runs in the background. Called once the schema is there. Idempotent. */
  start(): void;
  /** Drains what is batched and ends what runs in the background; the database stays open. Idempotent. */
  close(): Promise<void>;
}

export function createCore(options: CoreOptions): Core {
  const { database, dataDir, nodeId, logger, clock = systemClock, ids = systemIds, batches } = options;
  const parts = { database, clock, ids };
  const onError = (part: string) => (error: unknown) =>
    logger.warn({ err: error, part }, 'work in the background failed');
  const bus = openBus({ database, nodeId, clock, onError: onError('bus') });
  const feed = new FeedHub({ database, bus, clock, onError: onError('feed') });
  const { requests, tasks: taskKeys } = options.idempotencySeconds ?? {};
  const keySeconds = taskKeys === undefined ? {} : { idempotencySeconds: taskKeys };
  const tasks = new TaskQueue({ ...parts, bus, ...keySeconds, ...(batches ? { batches } : {}) });
  const activity = new ActivityRecorder({ database, clock, tasks, onError: onError('activity of queues') });
  const { lockPolicy: policy, lockObserver: observer } = options;
  const locks = new Locks({ ...parts, bus, logger, policy, observer, batches });
  const agents = new Agents({
    ...parts,
    bus,
    tasks,
    locks: {
      releaseFor: async (tx, projectId, holder) => (await locks.releaseFor(tx, projectId, holder)).length,
      handOver: async (tx, projectId, sessionId, agentId) => {
        const named = await locks.handOver(tx, projectId, sessionId, { owner: agentId, agentId });
        return named.length + (await handOverPathClaims(tx, projectId, sessionId, agentId));
      },
    },
    onError: onError('assignment'),
    ...(batches ? { batches } : {}),
  });
  const rollbackMonitor = new RollbackMonitor({
    ...parts,
    figures: new StoredFigures(database),
    onError: onError('monitoring of rollbacks'),
  });
  const workspaces = new Workspaces(parts);
  const threads = new Threads({ database, ids, observer: batches });
  const captureLimits = options.captureLimits ? { limits: options.captureLimits } : {};
  const captures = new Captures({
    ...parts,
    directory: join(dataDir, 'captures'),
    ...captureLimits,
    onChanges: (...found) => indexing.edited(...found),
  });
  const journal = new Journal({ ...parts, ...(batches ? { observer: batches } : {}) });
  const states = new SessionStates({ database });
  const history = new FileHistory({ database, captures, directory: join(dataDir, 'captures') });
  const asOf = (workspaceId: string, capture: WorkspaceCapture | null) =>
    capture && { workspaceId, treeId: capture.treeId, position: capture.position };
  const checkpointCaptures: Pick<SessionParts, 'captureAt' | 'captureNow'> = {
    captureAt: async (tx, projectId, workspaceId, at) =>
      asOf(workspaceId, await history.captureAt({ projectId, id: workspaceId }, at, tx)),
    captureNow: async (projectId, workspaceId, sessionId) => {
      try {
        const workspace = await workspaces.get(projectId, workspaceId);
        return asOf(workspaceId, (await captures.chain(workspace).step('look', sessionId)).capture);
      } catch (error) {
        onError('capture for a checkpoint')(error);
        return null;
      }
    },
  };
  const sessions: Sessions = createSessions({
    ...parts,
    tasks,
    workspaces,
    onAnchorFailure: onError('anchors'),
    ...checkpointCaptures,
    whyRuntimeSessionGone: async ({ projectId, runtime }, ref) => {
      const asked = options.runtimes?.find(({ name }) => name === runtime);
      return (await asked?.whySessionGone?.(projectId, ref)) ?? null;
    },
    undoOwnChanges: ownChangesUndone(
      () => undos,
      () => sessions,
    ),
  });
  const changes = new WorkspaceChanges({ ...parts, workspaces, captures });
  const undos: Undos = new Undos({
    ...parts,
    nodeId,
    workspaces,
    captures,
    changes,
    sessions,
    pointMoments: (projectId, pointId) => rollback.points.moment(projectId, pointId),
    ...(options.entityFiles ? { entityFiles: options.entityFiles } : {}),
    onError: onError('undo'),
  });
  const queues = new Queues({ database, tasks });
  const projects = new Projects(parts);
  const conflictEngine = new ConflictEngine({ onError: onError('merging conflicts of rollbacks') });
  const rollback: Rollback = new Rollback({
    ...parts,
    logger,
    nodeId,
    sessions,
    ports: [
      ...graphPorts(new AssertedGraph(parts), database),
      sessionPort(sessions, database),
      configurationPort({ database, projects, agents, queues }),
      filePort(new WorkspaceFiles({ workspaces, captures, changes, undos })),
    ],
    merge: (conflict, context) => conflictEngine.resolveConflict(conflict, { strategy: 'merge' }, context),
    settings: options.rollback,
    ...(options.rollbackNotifier ? { notifier: options.rollbackNotifier } : {}),
  });
  watchRollbacks(rollback.events, rollbackMonitor, onError('monitoring of rollbacks'));
  const webhookSender = new WebhookSender({
    clock,
    key: options.webhooks?.key ?? null,
    allowPrivate: options.webhooks?.allowPrivate ?? false,
  });
  const approvals = new Approvals({
    ...parts,
    tasks,
    key: options.approvalKey ?? Buffer.from(ids.secret(32), 'base64url'),
    settle: async (tx, approval) => {
      if (approval.subject === 'session') return settleSession(sessions, tx, approval);
      const { projectId, sessionId, decidedBy } = approval;
      const answer = answerToAgent(approval);
      if (answer !== null && sessionId !== null)
        await sessions.within(tx).goOn(projectId, sessionId, answer, decidedBy ?? 'system');
    },
  });
  const webhookDispatcher = new WebhookDispatcher({
    ...parts,
    sender: webhookSender,
    messages: {
      sessionTitle: async (projectId, id) => (await sessions.get(projectId, id))?.title ?? null,
      approvalSummary: async (projectId, id) => {
        try {
          return (await approvals.get(projectId, id)).summary;
        } catch (error) {
          if (SignalboxError.is(error, 'APPROVAL_NOT_FOUND')) return null;
          throw error;
        }
      },
      dashboardUrl: options.webhooks?.dashboardUrl ?? (() => null),
    },
    onError: onError('webhooks'),
    random: Math.random,
  });
  const knowledge = new Knowledge({ ...parts, onError: onError('the graph in memory') });
  const noise = loadNoiseSettings(process.env, ({ setting, value, reason }) =>
    logger.warn({ setting, value }, `${setting} ${reason}`),
  );
  const indexing = new Indexing({
    ...parts,
    nodeId,
    knowledge,
    workspaces,
    noise,
    watch: options.watchCode ?? true,
    mode: options.indexMode ?? 'types',
    onError: onError('indexing'),
  });
  const specs = new Specs({ ...parts, knowledge });
  const conflicts = new Conflicts(parts);
  const topology = new Topology({
    ...parts,
    work: workPort({ sessions, workspaces, changes, approvals, conflicts }),
    code: codePort({ knowledge, indexing }),
  });
  const policies = new Policies({ ...parts, reach: async (call) => (await topology.reach.ofCall(call)).level });
  const budgets = new Budgets(parts);
  const pathClaims = new PathClaims({ ...parts, workspaces, policy: options.paths ?? DEFAULT_PATH_POLICY });
  const recordings = new Recordings({ ...parts, states, onError: onError('recordings') });
  const recorder = new Recorder({ recordings, clock, onError: onError('recorder') });
  const captureStores = new CaptureStores({ ...parts, workspaces, captures });
  captureStores.keepAlso((projectId, workspaceId) => rollback.points.treesInUse(projectId, workspaceId));
  captureStores.keepAlso((projectId, workspaceId) => undos.treesInUse(projectId, workspaceId));
  captureStores.keepAlso((projectId, workspaceId) => sessions.checkpointTreesInUse(projectId, workspaceId));
  captureStores.keepAlso((projectId, workspaceId) => recordings.treesInUse(projectId, workspaceId));
  return {
    ...parts,
    logger,
    bus,
    feed,
    idempotency: new IdempotencyKeys({ database, ...(requests === undefined ? {} : { seconds: requests }) }),
    projects,
    keys: new ApiKeys(parts),
    browserSessions: new BrowserSessions(parts),
    workspaces,
    captures,
    captureStores,
    workspaceChanges: changes,
    workTrees: new WorkTrees({ ...parts, workspaces, captures, directory: join(dataDir, 'worktrees') }),
    sessions,
    sessionFiles: new SessionFiles({ database, workspaces, history }),
    adopted: new AdoptedSessions({
      ...parts,
      tasks,
      sessions,
      journal,
      workspaces,
      captures,
      workspaceChanges: changes,
      pathClaims,
      policies,
      budgets,
      approvals,
    }),
    undos,
    journal,
    states,
    recordings,
    tasks,
    queues,
    schedules: new Schedules({ ...parts, tasks }),
    etas: new TaskEtas(parts),
    agents,
    locks,
    conflicts,
    rollbackMonitor,
    threads,
    knowledge,
    semantic: openSemanticIndex({ ...parts, random: Math.random }, options.embeddings ?? { provider: 'none' }),
    indexing,
    reports: new Reports({ ...parts, workspaces, noise }),
    bridge: new SessionBridge({
      database,
      sessions,
      graph: bridgeGraph({ knowledge, sessions }),
      onFailure: onError('the bridge between sessions and the code graph'),
    }),
    specs,
    sourceControl: new SourceControl({
      ...{ ...parts, workspaces, knowledge, specs },
      provider: options.github && githubProvider({ ...options.github, clock, fetch }),
    }),
    proposals: new Proposals({ ...parts, knowledge, indexing, specs, workspaces, linters: options.linters ?? [] }),
    graphExports: new GraphExports({ database, workspaces }),
    topology,
    approvals,
    sessionRequests: new SessionRequests({ database, sessions, approvals }),
    policies,
    budgets,
    rollback,
    webhooks: new Webhooks({ ...parts, sender: webhookSender }),
    webhookDispatcher,
    pathClaims,
    start: () => {
      feed.start();
      activity.start();
      agents.start();
      recorder.start();
    },
    close: async () => {
      await rollbackMonitor.stop();
      await webhookDispatcher.stop();
      // A rollback that is under way may have an undo under way.
      await rollback.close();
      await undos.close();
      await agents.close();
      await tasks.close();
      await activity.close();
      await knowledge.close();
      await locks.close();
      await journal.drain();
      await recorder.stop();
      await threads.drain();
      await feed.stop();
      await bus.close();
    },
  };
}
