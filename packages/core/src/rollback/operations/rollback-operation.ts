import { z } from 'zod';
import { resolutionStrategySchema, rollbackConflictSchema } from '../conflicts/index.ts';
import { diffEntrySchema } from '../diff/index.ts';
import { dependencyGraphSchema } from '../strategies/dependency-graph.ts';
import { selectionSchema } from '../strategies/selection.ts';
import { timeFilterSchema } from '../strategies/time-filter.ts';
import { operationStatusSchema } from './operation-status.ts';

/** RB-007. Which of them runs is decided by the type; `full` leaves it to the strategy. */
export const operationTypeSchema = z.enum(['full', 'partial', 'selective', 'dry_run']);
export type OperationType = z.infer<typeof operationTypeSchema>;

/** Strategies a caller may choose for a full rollback (RB-009). */
export const FULL_STRATEGIES = ['immediate', 'gradual', 'safe', 'force'] as const;
export const fullStrategySchema = z.enum(FULL_STRATEGIES);
export type FullStrategy = z.infer<typeof fullStrategySchema>;

/** All there are: the type `partial` runs `partial`, `selective` runs `time_based`, `dry_run` runs `dry_run` (RB-090). */
export const strategyNameSchema = z.enum([...FULL_STRATEGIES, 'partial', 'time_based', 'dry_run']);
export type StrategyName = z.infer<typeof strategyNameSchema>;

/** Longest time that a rollback may be given, in milliseconds. */
const MAX_DURATION = 86_400_000;

/** What starting a rollback takes (RB-064, RB-065). */
export const rollbackOptionsSchema = z.strictObject({
  type: operationTypeSchema.default('full'),
  /** For the type `full`; by default the one that is recommended (RB-091). */
  strategy: fullStrategySchema.optional(),
  /** What becomes of changes that are in conflict with what is there. */
  conflictResolution: resolutionStrategySchema.default('abort'),
  /** With `ask_user`: the answer for each path that is in conflict. */
  resolutions: z.record(z.string(), resolutionStrategySchema).default({}),
  /** Say what would happen, and change nothing. */
  dryRun: z.boolean().default(false),
  /** For the type `partial`. */
  partialSelections: z.array(selectionSchema).max(1_000).optional(),
  /** For the type `selective`. */
  timebasedFilter: timeFilterSchema.optional(),
  /** By default what the live graph says. */
  dependencyGraph: dependencyGraphSchema.optional(),
  /** For `partial`: go on although selected changes need others that are not selected (RB-101). */
  allowMissingDependencies: z.boolean().default(false),
  /** Milliseconds after which it is stopped. */
  maxDuration: z.int().positive().max(MAX_DURATION).optional(),
  /** For `gradual` (RB-084): changes at a time, and milliseconds between. */
  batchSize: z.int().min(1).max(100_000).default(10),
  delayBetweenBatches: z.int().min(0).max(600_000).default(1_000),
  /** For `force`, which looks at nothing before it writes (RB-088). */
  confirm: z.boolean().default(false),
  /** Make a point of how everything is before, so that the rollback can be undone; `safe` always does (RB-080). */
  backup: z.boolean().default(false),
});
export type RollbackOptions = z.output<typeof rollbackOptionsSchema>;
export type StartRollback = z.input<typeof rollbackOptionsSchema>;

/** RB-010. */
export const rollbackLogEntrySchema = z.object({
  timestamp: z.iso.datetime(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
  data: z.record(z.string(), z.json()).optional(),
});
export type RollbackLogEntry = z.infer<typeof rollbackLogEntrySchema>;

/** One change that could not be made (RB-014). */
export const itemErrorSchema = z.object({
  type: z.string(),
  id: z.string(),
  action: z.string(),
  code: z.string(),
  error: z.string(),
  /** Whether trying again may help. */
  recoverable: z.boolean(),
});
export type ItemError = z.infer<typeof itemErrorSchema>;

/** What an operation did (RB-014, RB-073): counted as it was done. */
export const rollbackResultSchema = z.object({
  success: z.boolean(),
  totalChanges: z.int(),
  appliedChanges: z.int(),
  rolledBackEntities: z.int(),
  rolledBackRelationships: z.int(),
  errors: z.array(itemErrorSchema),
  /** Paths that were left out because they were in conflict (RB-125). */
  skipped: z.array(z.string()),
  /** Some changes were applied, but not all. */
  partialSuccess: z.boolean(),
  conflicts: z.object({
    found: z.int(),
    resolved: z.int(),
    /** Milliseconds that resolving took. */
    took: z.number(),
  }),
  /** After a failure or a cancellation: whether everything is as it was before (`old`), or only some of it; null where nothing was put back. */
  restored: z.enum(['old', 'partial']).nullable(),
});
export type RollbackResult = z.infer<typeof rollbackResultSchema>;

/** What a rollback would do (RB-113). It equals what the rollback then does while nothing changes (RB-117). */
export const rollbackPreviewSchema = z.object({
  strategy: strategyNameSchema,
  totalChanges: z.int(),
  changesByType: z.object({ create: z.int(), update: z.int(), delete: z.int(), move: z.int() }),
  /** Milliseconds that the rollback is estimated to take. */
  estimatedDuration: z.number(),
  /** Milliseconds that looking at it was estimated to take (RB-111). */
  analysisDuration: z.number(),
  potentialConflicts: z.array(rollbackConflictSchema),
  affectedItems: z.object({
    entities: z.array(z.string()),
    relationships: z.array(z.string()),
    files: z.array(z.string()),
    sessions: z.array(z.string()),
    configuration: z.array(z.string()),
  }),
  dependencies: z.object({
    required: z.array(z.string()),
    affected: z.array(z.string()),
    circular: z.array(z.array(z.string())),
  }),
  /** Why it would be refused; empty when it would not (RB-109). */
  problems: z.array(z.string()),
  changes: z.array(diffEntrySchema),
});
export type RollbackPreview = z.infer<typeof rollbackPreviewSchema>;

/** One rollback, from the request to its end (RB-006). */
export const rollbackOperationSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  type: operationTypeSchema,
  /** Null until one is chosen. */
  strategy: strategyNameSchema.nullable(),
  targetRollbackPointId: z.string(),
  targetRollbackPointName: z.string(),
  sessionId: z.string().nullable(),
  status: operationStatusSchema,
  /** Whole per cent; never falls. */
  progress: z.int().min(0).max(100),
  /** Whether it changes anything. */
  mutating: z.boolean(),
  options: rollbackOptionsSchema,
  error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.json()) }).nullable(),
  result: rollbackResultSchema.nullable(),
  preview: rollbackPreviewSchema.nullable(),
  log: z.array(rollbackLogEntrySchema),
  /** The undos by which it put files back: each says which paths are old, and which new. */
  undoIds: z.array(z.string()),
  /** Rolling back to this point undoes it; null where none was made, or it is gone (RB-080). */
  backupPointId: z.string().nullable(),
  createdBy: z.string().nullable(),
  cancelledBy: z.string().nullable(),
  cancelRequestedAt: z.iso.datetime().nullable(),
  startedAt: z.iso.datetime(),
  completedAt: z.iso.datetime().nullable(),
});
export type RollbackOperation = z.infer<typeof rollbackOperationSchema>;
