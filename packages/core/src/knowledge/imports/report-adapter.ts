import type { RawEdge } from '../edges/raw-edge.ts';
import type { KnownEntity } from '../history/timeline.ts';
import type { EntityFacts } from '../indexers/file-facts.ts';
import type { NoiseSettings } from '../noise/noise-settings.ts';
import type { KnownSymbol } from './known-symbols.ts';
import type { ReportFormat } from './report.ts';
import type { ReportSource } from './report-source.ts';

/** What a report says in the name of one unit. */
export interface ReportUnit {
  /** Within the report's format and suite. */
  name: string;
  entities: EntityFacts[];
  relationships: RawEdge[];
}

/** What an adapter has to know of the graph before it can say what a report means. */
export interface Asked {
  /** Ids of entities. */
  entities: string[];
  /** Paths of files whose symbols it asks for. */
  symbolsOf: string[];
  /** Whether it asks for all that the format said of this suite before. */
  before: boolean;
}

export interface Known {
  entities: ReadonlyMap<string, KnownEntity>;
  symbols: ReadonlyMap<string, readonly KnownSymbol[]>;
  /** Entities that the format and suite state by now, by id. */
  before: ReadonlyMap<string, KnownEntity>;
}

export interface Telling {
  suite: string;
  runId: string;
  environment: string | undefined;
  at: Date;
  noise: NoiseSettings;
}

export interface Told {
  units: ReportUnit[];
  /** Whether this is all that the format has to say of the suite: units that it spoke for before say nothing any more. */
  isAll?: boolean;
  /** By why. */
  leftOut?: Record<string, number>;
}

/**
 * One format of reports. Reading it knows nothing of the graph, and is done in a thread; what was read is a plain value.
 */
export interface ReportAdapter<Read = unknown> {
  format: ReportFormat;
  /** Whether a report of which nothing is said looks like one of these. @param json its JSON, if it is some */
  recognises(source: ReportSource, json: unknown): boolean;
  /** @throws IMPORT_UNREADABLE, GRAPH_REPORT_PATH */
  read(source: ReportSource): Read | Promise<Read>;
  /** When it was made, as it says itself. */
  madeAt?(read: Read): Date | null;
  asks(read: Read, telling: Telling): Asked;
  tell(read: Read, known: Known, telling: Telling): Told;
}
