import { z } from 'zod';
import type { Executor } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { type AuditRecord, storedRecord } from './audit-record.ts';
import type { Release, Seal } from './seal.ts';
import type { PlacedRow } from './seal-store.ts';

const FORMAT = 'signalbox-audit-1';
const SEALS_AT_ONCE = 100;

const hex = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .transform((text) => Buffer.from(text, 'hex'));
const text = z.string().nullable();
const version = z.int().nullable();
const rowSchema = z.strictObject({
  id: z.string(),
  projectId: z.string(),
  at: z.string(),
  actor: z.string(),
  actorRole: text,
  action: z.string(),
  subjectType: z.string(),
  subjectId: z.string(),
  versionBefore: version,
  versionAfter: version,
  changes: z.string(),
  details: z.string(),
  traceId: text,
});
const lineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('project'), format: z.literal(FORMAT), projectId: z.string() }),
  z.strictObject({
    kind: z.literal('release'),
    droppedBefore: z.string(),
    releasedAt: z.string(),
    keyId: z.string(),
    seal: hex,
  }),
  z.strictObject({
    kind: z.literal('seal'),
    projectId: z.string(),
    number: z.int(),
    firstPosition: z.int(),
    count: z.int(),
    merkleRoot: hex,
    previousSeal: hex.nullable(),
    keyId: z.string(),
    sealedAt: z.string(),
    seal: hex,
  }),
  z.strictObject({
    kind: z.literal('event'),
    position: z.int(),
    at: z.string(),
    id: z.string(),
    leaf: hex,
    row: rowSchema.nullable(),
  }),
]);
type Line = z.infer<typeof lineSchema>;

/**
 * A project's sealed audit with its chain, a line of JSON each: so that it can be verified wherever it is kept. What is
 * sealed is never changed again, so no transaction holds it meanwhile.
 */
export async function* sealedExport(executor: Executor, projectId: string): AsyncGenerator<string> {
  const record = storedRecord(executor, projectId);
  yield line({ kind: 'project', format: FORMAT, projectId });
  for (const release of await record.releases()) yield line({ kind: 'release', ...release });
  for (let seals = await record.sealsAfter(0, SEALS_AT_ONCE); seals.length > 0; ) {
    for (const seal of seals) {
      yield line({ kind: 'seal', ...seal });
      const rows = await record.placedRows(seal.firstPosition, seal.firstPosition + seal.count - 1);
      yield rows.map((row) => line({ kind: 'event', ...row })).join('');
    }
    seals = await record.sealsAfter(seals.at(-1)?.number ?? 0, SEALS_AT_ONCE);
  }
}

/**
 * Reads what {@link sealedExport} wrote.
 * @throws AUDIT_EXPORT_UNREADABLE for a line that cannot be read, or where the first one does not say whose it is
 */
export async function readSealedExport(
  lines: AsyncIterable<string>,
): Promise<{ projectId: string; record: AuditRecord }> {
  const releases: Release[] = [];
  const seals: Seal[] = [];
  const events: PlacedRow[] = [];
  let projectId: string | null = null;
  let number = 0;
  for await (const written of lines) {
    number += 1;
    if (written === '') continue;
    const read = parseLine(written, number);
    if ((read.kind === 'project') !== (projectId === null)) {
      throw new SignalboxError('AUDIT_EXPORT_UNREADABLE', {
        line: number,
        reason: 'the first line names the project, no other',
      });
    }
    const { kind, ...content } = read;
    if (kind === 'project') projectId = read.projectId;
    else if (kind === 'release') releases.push(content as Release);
    else if (kind === 'seal') seals.push(content as Seal);
    else events.push(content as PlacedRow);
  }
  if (projectId === null) throw new SignalboxError('AUDIT_EXPORT_UNREADABLE', { line: 1, reason: 'it is empty' });
  return { projectId, record: heldRecord(releases, seals, events) };
}

/** Whatever order the lines are in, the numbers in them count; what stands there twice is one too many. */
function heldRecord(releases: Release[], seals: Seal[], events: PlacedRow[]): AuditRecord {
  seals.sort((one, other) => one.number - other.number);
  const places = new Map<number, PlacedRow>();
  const twice: PlacedRow[] = [];
  for (const event of events) {
    if (places.has(event.position)) twice.push(event);
    else places.set(event.position, event);
  }
  const strays = (found: readonly PlacedRow[], limit: number) =>
    found.slice(0, limit).map(({ id, at, position }) => ({ id, at, position }));
  return {
    releases: async () => releases,
    sealsAfter: async (number, limit) => seals.filter((seal) => seal.number > number).slice(0, limit),
    placedRows: async (first, last) =>
      Array.from({ length: last - first + 1 }, (_, at) => places.get(first + at)).filter((row) => row !== undefined),
    unsealedPositions: async (last, limit) =>
      strays([...twice, ...[...places.values()].filter(({ position }) => position < 1 || position > last)], limit),
    strayRows: async () => [],
    countUnsealed: async () => 0,
  };
}

function parseLine(written: string, number: number): Line {
  try {
    return lineSchema.parse(JSON.parse(written));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).split('\n')[0] : 'it is no JSON';
    throw new SignalboxError('AUDIT_EXPORT_UNREADABLE', { line: number, reason }, { cause: error });
  }
}

function line(content: object): string {
  return `${JSON.stringify(content, (_key, value) => {
    // Buffers come here as their own JSON.
    const isBytes =
      typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;
    return isBytes ? Buffer.from(value.data as number[]).toString('hex') : value;
  })}\n`;
}
