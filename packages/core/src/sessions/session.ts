import { z } from 'zod';
import { pathPolicySchema, sessionPathInputSchema, sessionPathSchema } from '../locks/index.ts';
import { uuidSchema } from '../platform/ids/ids.ts';
import { checkpointPolicySchema } from './checkpoints/checkpoint-policy.ts';
import { runtimeNameSchema, runtimeSessionRefSchema } from './runtime.ts';
import { sessionStatusSchema } from './session-status.ts';

/** ORC-008. */
export const sessionTypeSchema = z.enum(['planning', 'execution', 'review', 'debug', 'integration']);
/** ORC-009: critical 0, high 1, medium 2, low 3, deferred 4; lower is more urgent. */
export const prioritySchema = z.int().min(0).max(4);
/** SES-001: what the journal says of the code; distinct from the session's status. */
export const codeStateSchema = z.enum(['working', 'broken', 'coordinating', 'completed']);

/** ORC-045: titles that say nothing, compared after trimming and without regard to case. */
const GENERIC_TITLES = new Set(['test session', 'new session', 'untitled', 'coding task', 'development session']);

/** PostgreSQL text cannot hold NUL; refused here, so that it is a clear 400 and not a database error. */
export const textSchema = z.string().refine((text) => !text.includes('\0'), 'must not contain NUL characters');

export type Json = z.infer<ReturnType<typeof z.json>>;
const jsonObjectSchema = z.record(z.string(), z.json());
export type JsonObject = z.infer<typeof jsonObjectSchema>;
const titleSchema = textSchema
  .transform((title) => title.trim())
  .pipe(
    z
      .string()
      .min(1, 'must not be blank')
      .max(200)
      .refine(
        (title) => !GENERIC_TITLES.has(title.toLowerCase()),
        'says nothing about the work; name what is to be done',
      ),
  );
const promptSchema = textSchema.transform((prompt) => prompt.trim()).pipe(z.string().min(1, 'must not be blank'));
const nameSchema = textSchema.pipe(z.string().min(1).max(100));

export const limitsSchema = z.strictObject({
  /** Seconds of execution, pauses left out (ORC-042). */
  maxDurationSeconds: z.int().min(60).max(86_400).default(3600),
  /** Cores (ORC-043); null means unlimited. */
  cpuLimit: z.number().min(0.1).max(8).nullable().default(null),
  memoryLimitMb: z.int().positive().max(1_048_576).nullable().default(null),
});

/** ORC-046: what an empty or missing `agentConfig` becomes. Kept, and never passed to a runtime (design.md §9). */
export const DEFAULT_AGENT_CONFIG = { default_agent: 'industrial-coder' } as const;

export const isolationSchema = z.enum(['shared', 'worktree']);

/** What `maxRetries` may be. */
export const MOST_RETRIES = 100;

/** What creating a session takes (ORC-194, CTL-010, SES-017). Unknown fields are refused. */
export const createSessionSchema = z.strictObject({
  /** Chosen by the caller where it must know the id before; else a UUIDv7 is made. An existing one is `SESSION_EXISTS`. */
  id: uuidSchema.optional(),
  title: titleSchema,
  initialPrompt: promptSchema,
  description: textSchema.nullable().default(null),
  sessionType: sessionTypeSchema.default('execution'),
  priority: prioritySchema.default(2),
  agentRole: nameSchema.nullable().default(null),
  runtime: runtimeNameSchema.nullable().default(null),
  workspaceId: uuidSchema.nullable().default(null),
  /** Where it works: in the workspace itself, or in a git work tree of it, on a branch of its own. */
  isolation: isolationSchema.default('shared'),
  command: z.array(textSchema).min(1).max(1000).nullable().default(null),
  limits: limitsSchema.prefault({}),
  agentConfig: jsonObjectSchema
    .default({})
    .transform((config) => (Object.keys(config).length === 0 ? { ...DEFAULT_AGENT_CONFIG } : config)),
  /** `provider/model` (ORC-028). */
  modelConfig: textSchema
    .pipe(
      z
        .string()
        .max(100)
        .regex(/^[^/\s]+\/\S+$/, 'must have the form provider/model'),
    )
    .nullable()
    .default(null),
  taskId: uuidSchema.nullable().default(null),
  parentId: uuidSchema.nullable().default(null),
  tags: z.array(nameSchema).max(100).default([]),
  metadata: jsonObjectSchema.default({}),
  createdBy: nameSchema.nullable().default(null),
  /** Agents taking part from the start; the creator's name when it has one (SES-060). */
  agentIds: z.array(nameSchema).max(100).default([]),
  /** Entities the work starts on: makes the journal's first event (SES-061). */
  initialEntityIds: z
    .array(textSchema.pipe(z.string().min(1).max(500)))
    .max(1000)
    .default([]),
  /** Seconds without activity after which the session expires (SES-082); null means never. */
  ttl: z.int().positive().max(31_536_000).nullable().default(null),
  /** Files, directories and globs that the run claims before it begins, for as long as it lasts. */
  paths: z.array(sessionPathInputSchema).max(200).default([]),
  /** How it meets claims of others; what is left out is as its project or the server says. */
  pathPolicy: pathPolicySchema.nullable().default(null),
  /** How it takes checkpoints by itself; what is left out is as its project or the program says. */
  checkpointPolicy: checkpointPolicySchema.nullable().default(null),
  maxRetries: z.int().min(0).max(MOST_RETRIES).default(3),
  onOrphan: z.enum(['orphan', 'resume']).default('orphan'),
  /** Start it at once, in the same transaction. */
  start: z.boolean().default(false),
});
export type CreateSession = z.input<typeof createSessionSchema>;

/** What an update may change (CTL-012): only what is given is written; `metadata` is merged key by key, null removes a key. */
export const updateSessionSchema = z
  .strictObject({
    title: titleSchema,
    description: textSchema.nullable(),
    sessionType: sessionTypeSchema,
    priority: prioritySchema,
    status: sessionStatusSchema,
    agentRole: nameSchema.nullable(),
    taskId: uuidSchema.nullable(),
    parentId: uuidSchema.nullable(),
    tags: z.array(nameSchema).max(100),
    metadata: jsonObjectSchema,
    limits: z
      .strictObject({
        maxDurationSeconds: limitsSchema.shape.maxDurationSeconds.unwrap(),
        cpuLimit: limitsSchema.shape.cpuLimit.unwrap(),
        memoryLimitMb: limitsSchema.shape.memoryLimitMb.unwrap(),
      })
      .partial(),
  })
  .partial();
export type UpdateSession = z.input<typeof updateSessionSchema>;

/** A session as stored, sent and shown: one shape from the table to the screen (ORC-054). Times are ISO 8601 in UTC. */
export const sessionSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  sessionType: sessionTypeSchema,
  priority: prioritySchema,
  status: sessionStatusSchema,
  statusUpdatedAt: z.iso.datetime(),
  attempt: z.int(),
  maxRetries: z.int(),
  retryable: z.boolean().nullable(),
  onOrphan: z.enum(['orphan', 'resume']),
  codeState: codeStateSchema,
  /** Sequence number of the journal's last event; 0 while it is empty. */
  lastSeq: z.int(),
  lastEventAt: z.iso.datetime().nullable(),
  agentIds: z.array(z.string()),
  parentId: z.string().nullable(),
  agentRole: z.string().nullable(),
  runtime: runtimeNameSchema.nullable(),
  workspaceId: z.string().nullable(),
  isolation: isolationSchema,
  /** The workspace of its own work tree, to which its captures and changes belong; null as long as it never had one. */
  treeWorkspaceId: z.string().nullable(),
  command: z.array(z.string()).nullable(),
  agentConfig: jsonObjectSchema,
  modelConfig: z.string().nullable(),
  initialPrompt: z.string(),
  limits: z.object({
    maxDurationSeconds: z.int(),
    cpuLimit: z.number().nullable(),
    memoryLimitMb: z.int().nullable(),
  }),
  taskId: z.string().nullable(),
  paths: z.array(sessionPathSchema),
  pathPolicy: pathPolicySchema.nullable(),
  checkpointPolicy: checkpointPolicySchema.nullable(),
  runtimeSession: runtimeSessionRefSchema.nullable(),
  tags: z.array(z.string()),
  metadata: jsonObjectSchema,
  createdBy: z.string().nullable(),
  updatedBy: z.string().nullable(),
  version: z.int(),
  ttl: z.int().nullable(),
  expiresAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  deletedAt: z.iso.datetime().nullable(),
});
export type Session = z.infer<typeof sessionSchema>;

/** The workspace in whose directory a session works; null where it works in none. */
export function placeOf({
  workspaceId,
  treeWorkspaceId,
}: Pick<Session, 'workspaceId' | 'treeWorkspaceId'>): string | null {
  return treeWorkspaceId ?? workspaceId;
}
