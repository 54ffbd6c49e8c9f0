import { z } from 'zod';
import type { JournalEvent } from './journal-event.ts';

const toldFileSchema = z.object({
  /** Relative to its workspace. */
  path: z.string().min(1),
  /** What it was called before. */
  oldPath: z.string().min(1).nullish(),
  operation: z.enum(['added', 'modified', 'deleted', 'renamed']).optional().catch(undefined),
  /** Of the change in the workspace's chain. */
  changeId: z.string().optional().catch(undefined),
});
/** The file of a `file_change`, as far as whoever wrote the event tells of it. */
export type ToldFile = z.infer<typeof toldFileSchema>;

/** An event that tells of the code: what changed, with what effect. What agents say and ask their tools is none. */
export interface TellingEvent
  extends Pick<
    JournalEvent,
    'sessionId' | 'seq' | 'type' | 'actor' | 'changeInfo' | 'stateTransition' | 'impact' | 'occurredAt'
  > {
  file: ToldFile | null;
}

const FILE = 'file:';
/** No entity has a longer id. */
const MOST_ID_BYTES = 2_000;

/** Null where it tells of no file: payloads are whatever their writer gave. */
export function fileOfPayload(payload: unknown): ToldFile | null {
  return toldFileSchema.safeParse(payload).data ?? null;
}

/** Under what ids the code graph knows what an event touched: those it names, and files that changed; each once. */
export function entitiesTouched({ changeInfo, file }: Pick<TellingEvent, 'changeInfo' | 'file'>): string[] {
  const files = [file?.oldPath, file?.path].flatMap((path) => (path ? [`${FILE}${path}`] : []));
  const known = files.filter((id) => Buffer.byteLength(id) <= MOST_ID_BYTES);
  return [...new Set([...(changeInfo?.entityIds ?? []), ...known])];
}

/** The same of an event as the journal has it. */
export function entitiesOfEvent({
  type,
  changeInfo,
  payload,
}: Pick<JournalEvent, 'type' | 'changeInfo' | 'payload'>): string[] {
  return entitiesTouched({ changeInfo, file: type === 'file_change' ? fileOfPayload(payload) : null });
}

/** The paths among ids of entities that are files. */
export function pathsOfEntities(entityIds: readonly string[]): string[] {
  return entityIds.flatMap((id) => (id.startsWith(FILE) ? [id.slice(FILE.length)] : []));
}
