import { z } from 'zod';
import { type Setting, setting } from './setting.ts';

export const SERVER_ROLES = ['api', 'scheduler', 'runner', 'maintenance'] as const;
export type ServerRole = (typeof SERVER_ROLES)[number];

const text = z.string().min(1);
const url = z.url();
const seconds = z.number().positive().max(86_400);
const days = z.number().positive().max(36_500);
const bytes = z.int().min(1024).max(268_435_456);

/** Every setting there is. The reference page, the file's keys, the variables and the flags all come from this table. */
export const SETTINGS = {
  host: setting({ schema: text, form: 'text', default: '127.0.0.1', about: 'Address to listen on.' }),
  port: setting({
    schema: z.int().min(0).max(65_535),
    form: 'number',
    default: 4780,
    about: 'Port to listen on; 0 takes any free one.',
  }),
  dataDir: setting({
    schema: text,
    form: 'text',
    default: '.signalbox',
    about: 'Directory of the embedded database, captures and keys; relative to the working directory.',
  }),
  databaseUrl: setting({
    schema: url.nullable(),
    form: 'text',
    default: null,
    variable: 'DATABASE_URL',
    hidden: 'url',
    about: 'PostgreSQL server, 15 or newer; without it the embedded database runs in the data directory.',
  }),
  databaseDirectUrl: setting({
    schema: url.nullable(),
    form: 'text',
    default: null,
    variable: 'DATABASE_DIRECT_URL',
    hidden: 'url',
    about: 'The same server past its pooler, for session locks and notifications.',
  }),
  databasePoolSize: setting({
    schema: z.int().min(1).max(200),
    form: 'number',
    default: 10,
    about: 'Connections to the database at most.',
  }),
  embeddedTier: setting({
    schema: z.enum(['auto', 'postgres', 'pglite']),
    form: 'text',
    default: 'auto',
    about: 'Which embedded database a new data directory gets; auto takes real PostgreSQL where it runs.',
  }),
  autoMigrate: setting({
    schema: z.boolean(),
    form: 'boolean',
    default: true,
    about: 'Bring the schema of the database up to date at start; else `signalbox migrate up` does.',
  }),
  natsUrl: setting({
    schema: url.nullable(),
    form: 'text',
    default: null,
    variable: 'NATS_URL',
    hidden: 'url',
    about: 'NATS cluster for the bus between nodes; without it PostgreSQL carries it.',
  }),
  nodeId: setting({
    schema: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
      .nullable(),
    form: 'text',
    default: null,
    about: 'Name of this node among others; the host name and process id by default.',
  }),
  auth: setting({
    schema: z.enum(['open', 'required']),
    form: 'text',
    default: 'open',
    about: 'Whether requests need a key; open is possible on a loopback address only.',
  }),
  'jwt.secret': setting({
    schema: z.string().min(32).nullable(),
    form: 'text',
    default: null,
    hidden: 'secret',
    about: 'Shared secret (HS256) of JSON Web Tokens that are accepted beside keys; 32 characters at least.',
  }),
  'jwt.jwksUrl': setting({
    schema: url.nullable(),
    form: 'text',
    default: null,
    about: 'Where the public keys of accepted JSON Web Tokens are published.',
  }),
  'jwt.issuer': setting({
    schema: text.nullable(),
    form: 'text',
    default: null,
    about: 'Issuer that accepted tokens must name.',
  }),
  'jwt.audience': setting({
    schema: text,
    form: 'text',
    default: 'signalbox',
    about: 'Audience that accepted tokens must name.',
  }),
  allowedHosts: setting({
    schema: z.array(text).max(100),
    form: 'list',
    default: [],
    about: 'Names under which browsers may reach the server, beside loopback and the address it listens on.',
  }),
  allowedOrigins: setting({
    schema: z.array(url).max(100),
    form: 'list',
    default: [],
    about: 'Origins of web pages that may call the API, beside those that the server itself serves.',
  }),
  logLevel: setting({
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    form: 'text',
    default: 'info',
    about: 'Least serious level that is logged.',
  }),
  roles: setting({
    schema: z
      .array(z.enum(SERVER_ROLES))
      .min(1)
      .transform((roles) => [...new Set(roles)]),
    form: 'list',
    default: [...SERVER_ROLES],
    about: 'What this process does: api, scheduler, runner, maintenance.',
  }),
  rateLimit: setting({
    schema: z.int().min(0).max(100_000_000),
    form: 'number',
    default: 6000,
    about: 'Requests a minute for each key, or address without one; 0 is unlimited. Open loopback is never limited.',
  }),
  bodyLimit: setting({ schema: bytes, form: 'number', default: 1_048_576, about: 'Largest request body, in bytes.' }),
  journalBodyLimit: setting({
    schema: bytes,
    form: 'number',
    default: 16_777_216,
    about: 'Largest body of a journal append or checkpoint, in bytes.',
  }),
  eventStreams: setting({
    schema: z.int().min(1).max(100_000),
    form: 'number',
    default: 1000,
    about: 'Event streams (SSE) open at the same time at most.',
  }),
  'audit.sealKey': setting({
    schema: z.string().min(32).nullable(),
    form: 'text',
    default: null,
    hidden: 'secret',
    about: 'Secret with which audit seals are made; the same on all nodes. By default one in the data directory.',
  }),
  secrets: setting({
    schema: z.array(z.string().min(8)).max(10_000),
    form: 'list',
    default: [],
    hidden: 'secret',
    about:
      'Values that are masked wherever they would be written or shown, beside those of environment variables with secret names; 8 characters at least.',
  }),
  'webhooks.key': setting({
    schema: z.string().min(32).nullable(),
    form: 'text',
    default: null,
    hidden: 'secret',
    about: 'Secret from which those of webhooks come; the same on all nodes. By default one in the data directory.',
  }),
  'webhooks.allowPrivate': setting({
    schema: z.boolean(),
    form: 'boolean',
    default: false,
    about: 'Whether webhooks may go to private addresses and over plain HTTP; by default public https alone.',
  }),
  'webhooks.dashboardUrl': setting({
    schema: url.nullable(),
    form: 'text',
    default: null,
    about: 'Where people reach the dashboard, for links in messages; by default the address the server listens on.',
  }),
  'retention.webhookDays': setting({
    schema: days,
    form: 'number',
    default: 14,
    about: 'Days for which deliveries of webhooks that are over are kept, to be looked at and sent again.',
  }),
  'embeddings.provider': setting({
    schema: z.enum(['none', 'local', 'openai']),
    form: 'text',
    default: 'none',
    about:
      'Who makes vectors for search by meaning in the code graph: `openai`, or any server that speaks as it does; `local`, which compares words alone.',
  }),
  'embeddings.baseUrl': setting({
    schema: url,
    form: 'text',
    default: 'https://api.openai.com/v1',
    hidden: 'url',
    about: 'Where the provider of embeddings is asked.',
  }),
  'embeddings.apiKey': setting({
    schema: z.string().min(1).nullable(),
    form: 'text',
    default: null,
    hidden: 'secret',
    about: 'Key for the provider of embeddings.',
  }),
  'embeddings.model': setting({
    schema: z.string().min(1),
    form: 'text',
    default: 'text-embedding-3-small',
    about: 'Model of the embeddings; those of another one are made anew.',
  }),
  'embeddings.dimensions': setting({
    schema: z.int().min(8).max(4_096),
    form: 'number',
    default: 1536,
    about: 'Dimensions of the embeddings.',
  }),
  'sourceControl.githubUrl': setting({
    schema: url,
    form: 'text',
    default: 'https://api.github.com',
    about: 'REST API of GitHub, or of a server of your own that speaks as it does, where pull requests are opened.',
  }),
  'sourceControl.githubToken': setting({
    schema: z.string().min(1).nullable(),
    form: 'text',
    default: null,
    hidden: 'secret',
    about: 'Token with which pull requests are opened; without one there are none.',
  }),
  'validation.linters': setting({
    schema: z.array(z.enum(['eslint', 'biome'])).max(2),
    form: 'list',
    default: [],
    about:
      'Linters of workspaces that may be run to validate changes: eslint, biome. Each is a program of the workspace, and so is its configuration.',
  }),
  'graph.watch': setting({
    schema: z.boolean(),
    form: 'boolean',
    default: true,
    about:
      'Whether this process watches the workspaces whose code it read, and reads again what is edited there; else only what sessions change, and what is asked for.',
  }),
  'graph.mode': setting({
    schema: z.enum(['types', 'structure']),
    form: 'text',
    default: 'types',
    about:
      'How TypeScript and JavaScript are read where nobody says: with `types`, or by their `structure` alone, which is many times as fast and knows nothing of what calls or uses what.',
  }),
  'retention.graphDays': setting({
    schema: days,
    form: 'number',
    default: 30,
    about: 'Days for which the code graph remembers what holds no more, but for what a checkpoint has.',
  }),
  'retention.expireDays': setting({
    schema: days,
    form: 'number',
    default: 7,
    about: 'Days after which a session that never finished expires (CTL-021).',
  }),
  'retention.sessionDays': setting({
    schema: days,
    form: 'number',
    default: 30,
    about: 'Days after which a finished session is soft-deleted (ORC-147).',
  }),
  'retention.recordingDays': setting({
    schema: days,
    form: 'number',
    default: 30,
    about: 'Days after its end for which a recording is kept (REPLAY-053).',
  }),
  'captures.maxFileMegabytes': setting({
    schema: z.number().positive().max(1_048_576),
    form: 'number',
    default: 100,
    about: 'Largest file that captures of workspaces take, in MiB; larger ones are left out and named.',
  }),
  'captures.maxTreeMegabytes': setting({
    schema: z.number().positive().max(1_048_576),
    form: 'number',
    default: 4096,
    about: 'What one capture of a workspace takes in all, in MiB; files beyond are left out and named.',
  }),
  'retention.captureDays': setting({
    schema: days,
    form: 'number',
    default: 30,
    about: 'Days for which captures of workspaces are kept; those of unfinished sessions longer.',
  }),
  'retention.captureMegabytes': setting({
    schema: z.number().positive(),
    form: 'number',
    default: 5120,
    about: 'What the captures of one workspace may take on a node; the session that finished first goes first.',
  }),
  'retention.idempotencyHours': setting({
    schema: z.number().positive().max(8760),
    form: 'number',
    default: 24,
    about: 'Hours for which an idempotency key is remembered (CTL-003).',
  }),
  'retention.feedDays': setting({
    schema: days,
    form: 'number',
    default: 7,
    about: 'Days of the change feed that readers can go back to.',
  }),
  'retention.auditDays': setting({
    schema: days.nullable(),
    form: 'number',
    default: null,
    about: 'Days of audit events that are kept; all of them by default.',
  }),
  'tasks.retentionDays': setting({
    schema: days,
    form: 'number',
    default: 14,
    about: 'Days for which completed, cancelled and skipped tasks are kept (COORD-45).',
  }),
  'tasks.failedRetentionDays': setting({
    schema: days,
    form: 'number',
    default: 90,
    about: 'Days for which failed and dead tasks are kept, to be redriven.',
  }),
  'tasks.activityDays': setting({
    schema: days,
    form: 'number',
    default: 7,
    about: 'Days for which the figures of queues are kept minute by minute.',
  }),
  'tasks.idempotencyHours': setting({
    schema: z.number().positive().max(720),
    form: 'number',
    default: 24,
    about: 'Hours for which the idempotency key of a task is remembered (CTL-003), where its caller does not say.',
  }),
  'runner.capacity': setting({
    schema: z.int().min(1).max(1000),
    form: 'number',
    default: 4,
    about: 'Sessions that this process runs at the same time.',
  }),
  'runner.onStop': setting({
    schema: z.enum(['stop', 'wait']),
    form: 'text',
    default: 'stop',
    about: 'What a stopping server does with its runs: end them so that they can be resumed, or let them finish.',
  }),
  'approvals.holdSeconds': setting({
    schema: z.int().min(1).max(900),
    form: 'number',
    default: 900,
    about:
      'Seconds for which the process of an agent waits for people; then it is ended, and goes on once they have answered.',
  }),
  'policies.files': setting({
    schema: z.array(text),
    form: 'list',
    default: [],
    about:
      'Files with a policy each, for the default project: applied at start and whenever they change; relative to the working directory.',
  }),
  'locks.delaySeconds': setting({
    schema: z.number().min(0).max(60),
    form: 'number',
    default: 0,
    about: 'Seconds for which a lock whose holder was lost stays ungranted to others, where the request does not say.',
  }),
  'locks.ageingSeconds': setting({
    schema: z.number().positive().max(86_400).nullable(),
    form: 'number',
    default: null,
    about: 'Seconds of waiting for a lock that raise its priority by one; by default priority is strict.',
  }),
  'locks.strictOrder': setting({
    schema: z.boolean(),
    form: 'boolean',
    default: false,
    about: 'Whether a lock is refused whose name comes before one that its owner holds; by default that is warned of.',
  }),
  'paths.conflict': setting({
    schema: z.enum(['wait', 'refuse', 'warn']),
    form: 'text',
    default: 'wait',
    about:
      'What becomes of a session that wants to change a path claimed by another: wait for it, be refused, or go on with a warning to both. Projects and sessions may say otherwise.',
  }),
  'paths.waitSeconds': setting({
    schema: z.number().min(0).max(86_400),
    form: 'number',
    default: 300,
    about: 'Seconds for which a claimed path is waited for at most.',
  }),
  'paths.auto': setting({
    schema: z.boolean(),
    form: 'boolean',
    default: false,
    about: 'Whether a session’s first write of a path claims it until the session ends.',
  }),
  'rollback.maxPoints': setting({
    schema: z.int().min(1).max(100_000),
    form: 'number',
    default: 50,
    about: 'Rollback points of a project at most (RB-229).',
  }),
  'rollback.evict': setting({
    schema: z.boolean(),
    form: 'boolean',
    default: true,
    about: 'Whether the least recently used rollback point gives way to a new one; else that is refused.',
  }),
  'rollback.ttlHours': setting({
    schema: z.number().positive().max(876_600).nullable(),
    form: 'number',
    default: 24,
    about: 'Hours after which a rollback point expires that does not say; null for never.',
  }),
  'rollback.maxSnapshotBytes': setting({
    schema: z.int().min(1024).max(268_435_456),
    form: 'number',
    default: 10_485_760,
    about: 'Size of each part of a rollback point at most, in bytes.',
  }),
  'rollback.sessionLimit': setting({
    schema: z.int().min(1).max(10_000),
    form: 'number',
    default: 20,
    about: 'Rollback points of one session at most; the oldest give way (RB-200).',
  }),
  'rollback.checkpointThreshold': setting({
    schema: z.int().min(0).max(10_000),
    form: 'number',
    default: 5,
    about:
      'After so many rollback points of a session a checkpoint of it is made, and again after as many; 0 for none.',
  }),
  'rollback.onSessionEnd': setting({
    schema: z.enum(['delete', 'keep']),
    form: 'text',
    default: 'delete',
    about: 'What becomes of the rollback points of a session that is over.',
  }),
  'rollback.operationDays': setting({
    schema: days,
    form: 'number',
    default: 1,
    about: 'Days for which rollbacks that are over are kept.',
  }),
  leaseSeconds: setting({
    schema: seconds,
    form: 'number',
    default: 30,
    about: 'Seconds a claim lasts without a heartbeat.',
  }),
  heartbeatSeconds: setting({
    schema: seconds,
    form: 'number',
    default: 10,
    about: 'Seconds between the heartbeats of a runner; at most half a lease.',
  }),
  stopSeconds: setting({
    schema: seconds,
    form: 'number',
    default: 10,
    about: 'Seconds that requests and runs get to end when the server stops.',
  }),
  'runtimes.opencode.program': setting({
    schema: text.nullable(),
    form: 'text',
    default: null,
    about: 'Path of the OpenCode program; by default `opencode` on the PATH.',
  }),
  'runtimes.claudeCode.program': setting({
    schema: text.nullable(),
    form: 'text',
    default: null,
    about: 'Path of the Claude Code program; by default `claude` on the PATH.',
  }),
  'runtimes.opencode.permissions': setting({
    schema: z.enum(['workspace', 'ask', 'allow', 'deny']),
    form: 'text',
    default: 'workspace',
    about:
      'How its permission requests are answered: allowed inside the workspace and denied outside, or there by people (ask); always or never.',
  }),
  'runtimes.opencode.config': setting({
    schema: z.record(z.string(), z.json()),
    form: 'json',
    default: {},
    hidden: 'secret',
    about:
      'OpenCode configuration of every run (providers, models, …), as in `opencode.json`; hidden, since it may hold keys.',
  }),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

type Nested<Path extends string, Value> = Path extends `${infer Head}.${infer Rest}`
  ? { readonly [Key in Head]: Nested<Rest, Value> }
  : { readonly [Key in Path]: Value };
type Intersection<Union> = (Union extends unknown ? (member: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** All settings with their values, nested by the dots of their names: `configuration.runtimes.opencode.program`. */
export type Configuration = Intersection<
  { [Name in SettingName]: Nested<Name, z.output<(typeof SETTINGS)[Name]['schema']>> }[SettingName]
>;
