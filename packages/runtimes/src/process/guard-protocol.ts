import { z } from 'zod';

/** Limits on a whole process tree; null means none. */
export interface ProcessLimits {
  cpuCores: number | null;
  memoryMb: number | null;
}

/** What the guard is told, over the channel that it also watches for our end. */
export type GuardCommand =
  | {
      kind: 'start';
      runId: string;
      argv: readonly string[];
      cwd: string;
      environment: Readonly<Record<string, string>>;
      limits: ProcessLimits;
      /** Control group under which the run's own is made; null where limits are sampled. */
      cgroupParent: string | null;
      /** Whether descriptor 4 is to be the program's standard input; else it has an empty one. */
      stdin: boolean;
    }
  | { kind: 'pause' | 'resume' | 'usage'; id: number }
  /** How many processes there are of the part of the run that was started with this mark. */
  | { kind: 'count'; id: number; mark: string }
  | { kind: 'stop'; graceMs: number };

const usageSchema = z.object({ cpuSeconds: z.number(), peakBytes: z.number() });

/** Why a run came to its end. */
const causeSchema = z.enum(['program', 'stop', 'memory']);

/** What the guard reports. */
export const guardMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started'), pid: z.int(), limitedBy: z.enum(['none', 'cgroup-v2', 'sampled']) }),
  z.object({ kind: z.literal('refused'), code: z.string(), message: z.string() }),
  z.object({ kind: z.literal('answer'), id: z.int(), usage: usageSchema.nullable() }),
  z.object({ kind: z.literal('counted'), id: z.int(), processes: z.int() }),
  z.object({
    kind: z.literal('ended'),
    cause: causeSchema,
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    leftBehind: z.int(),
    beyondReach: z.int(),
    usage: usageSchema,
  }),
]);
export type GuardMessage = z.infer<typeof guardMessageSchema>;
export type EndCause = z.infer<typeof causeSchema>;
