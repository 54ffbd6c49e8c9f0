import { createHash } from 'node:crypto';
import { recordAudit } from '../../audit/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { Workspaces } from '../../workspaces/index.ts';
import { readKnownEntities } from '../history/known-store.ts';
import { MOST_AT_ONCE, MOST_UNITS } from '../ingest/batch.ts';
import { holdGraph } from '../ingest/head-store.ts';
import { type Ingested, ingestWithin } from '../ingest/ingest.ts';
import { unitName } from '../ingest/unit-name.ts';
import type { NoiseSettings } from '../noise/noise-settings.ts';
import { readSymbolsOf } from './known-symbols-store.ts';
import {
  type ImportedReport,
  type ImportReport,
  importReportSchema,
  MOST_REPORT_BYTES,
  MOST_REPORTED,
} from './report.ts';
import type { Asked, Known, ReportUnit, Telling } from './report-adapter.ts';
import { readReportUnits, readSaidBy, writeReportUnits } from './report-store.ts';
import { type ReadReport, type ReportStart, readInThread } from './report-thread.ts';

export interface ReportParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  workspaces: Pick<Workspaces, 'get'>;
  noise: NoiseSettings;
  /** In a thread, without it. */
  read?: (start: ReportStart, clock: Clock) => Promise<ReadReport>;
}

/** Takes reports of tools into the graph: test runs, coverage, findings, advisories. */
export class Reports {
  readonly #parts: ReportParts;

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /**
   * All of a report, or nothing. It is read in a thread; what it means is worked out and written while nobody else changes the graph,
   * since it may depend on what earlier ones said.
   *
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, WORKSPACE_NOT_FOUND, IMPORT_UNREADABLE, GRAPH_REPORT_UNKNOWN, GRAPH_REPORT_PATH,
   * GRAPH_REPORT_TOO_LARGE
   */
  async import(projectId: string, input: ImportReport, actor: string): Promise<ImportedReport> {
    const { database, clock, workspaces, noise, read: readReport = readInThread } = this.#parts;
    const asked = parseInput(importReportSchema, input);
    const { suite, environment, workspaceId, root = null, format: given = null } = asked;
    const bytes = Buffer.from(asked.base64 ?? asked.text ?? '', asked.base64 === undefined ? 'utf8' : 'base64');
    if (bytes.length > MOST_REPORT_BYTES) {
      throw new SignalboxError('GRAPH_REPORT_TOO_LARGE', { size: `${bytes.length} bytes`, limit: MOST_REPORT_BYTES });
    }
    const workspace = workspaceId === undefined ? null : (await workspaces.get(projectId, workspaceId)).path;
    const { format, read } = await readReport({ bytes, format: given, root, workspace }, clock);
    // Their parsers are loaded with the first report.
    const { adapterOf } = await import('./adapters.ts');
    const adapter = adapterOf(format);
    const at = asked.at ?? adapter.madeAt?.(read) ?? clock.now();
    const runId = asked.runId ?? digestOf(bytes, asked.at);
    const telling: Telling = { suite, runId, environment, at, noise };
    return database.transaction(async (tx) => {
      await holdGraph(tx, projectId);
      const prefix = `${format}:${suite}:`;
      const asks = adapter.asks(read, telling);
      const spoken = await readReportUnits(tx, projectId, prefix);
      const known = await knownOf(tx, projectId, asks, asks.before ? await readSaidBy(tx, projectId, spoken) : []);
      const { units, isAll = false, leftOut = {} } = adapter.tell(read, known, telling);
      const stated = units.map(({ name, ...all }) => ({ unit: unitName(prefix, name), ...all }));
      const names = new Set(stated.map(({ unit }) => unit));
      const others = spoken.filter((unit) => !names.has(unit));
      const silent = isAll ? others : [];
      const batches = inBatches([...stated, ...silent.map((unit) => ({ unit, entities: [], relationships: [] }))]);
      const scan = { scanId: `report:${runId}`.slice(0, 200), at: clock.now().toISOString() };
      let ingested = await ingestWithin(tx, this.#parts, projectId, {}, actor);
      for (const batch of batches) {
        const more = await ingestWithin(tx, this.#parts, projectId, { units: batch, ...scan }, actor);
        ingested = joined(ingested, more);
      }
      await writeReportUnits(tx, projectId, prefix, isAll ? [...names] : [...others, ...names]);
      const subject = { subjectType: 'graph', subjectId: projectId };
      const details = { format, suite, runId, revision: ingested.revision };
      await recordAudit(tx, projectId, { actor, action: 'graph.import', ...subject, details }, this.#parts.ids);
      return { ...ingested, format, suite, runId, leftOut };
    });
  }
}

/** Two runs may come to the same bytes where these hold no times; then only when they were tells them apart. */
function digestOf(bytes: Uint8Array, at: Date | undefined): string {
  const hash = createHash('sha256').update(bytes);
  return hash
    .update(at?.toISOString() ?? '')
    .digest('hex')
    .slice(0, 16);
}

type Stated = Omit<ReportUnit, 'name'> & { unit: string };

/** Each as much as one statement takes. @throws GRAPH_REPORT_TOO_LARGE for more than a report may come to, or one unit may say */
function inBatches(units: readonly Stated[]): Stated[][] {
  const batches: Stated[][] = [];
  let room = 0;
  let total = 0;
  for (const unit of units) {
    const size = unit.entities.length + unit.relationships.length;
    total += size;
    if (total > MOST_REPORTED) throw tooMuch('more than that', MOST_REPORTED);
    if (size > MOST_AT_ONCE) throw tooMuch(`${size} entities and relationships for one file or tool`, MOST_AT_ONCE);
    if (size > room || batches.at(-1)?.length === MOST_UNITS) {
      batches.push([]);
      room = MOST_AT_ONCE;
    }
    batches.at(-1)?.push(unit);
    room -= size;
  }
  return batches;
}

function tooMuch(size: string, limit: number): SignalboxError {
  return new SignalboxError('GRAPH_REPORT_TOO_LARGE', { size, limit: `${limit} entities and relationships` });
}

function joined(a: Ingested, b: Ingested): Ingested {
  const sum = (kind: 'entities' | 'relationships') => ({
    added: a[kind].added + b[kind].added,
    changed: a[kind].changed + b[kind].changed,
    removed: a[kind].removed + b[kind].removed,
  });
  const problems = [...a.problems, ...b.problems];
  return { revision: b.revision, entities: sum('entities'), relationships: sum('relationships'), problems };
}

async function knownOf(
  tx: Transaction,
  projectId: string,
  { entities, symbolsOf }: Asked,
  said: readonly string[],
): Promise<Known> {
  const known = await readKnownEntities(tx, projectId, [...new Set([...entities, ...said])], null);
  const symbols = await readSymbolsOf(tx, projectId, [...new Set(symbolsOf)]);
  const own = new Set(said);
  const before = new Map([...known].filter(([id]) => own.has(id)));
  return { entities: known, symbols, before };
}
