import { SignalboxError } from '../../../platform/errors/index.ts';
import { MOST_REPORTED } from '../../imports/report.ts';
import type { ReportAdapter } from '../../imports/report-adapter.ts';
import { readScip } from './read-scip.ts';
import { type ToldDocument, tellScip } from './tell-scip.ts';

/** How an index begins: its metadata, which begin with the protocol's version, the tool, or the root of the project. */
const FIRST_FIELD = 0x0a;
const IN_METADATA = new Set([0x08, 0x12, 0x1a]);

export const scip: ReportAdapter<ToldDocument[]> = {
  format: 'scip',
  recognises: ({ bytes }) => {
    if (bytes[0] !== FIRST_FIELD) return false;
    // The length of the metadata takes one byte, or two.
    return IN_METADATA.has(bytes[(bytes[1] ?? 0) < 0x80 ? 2 : 3] ?? 0);
  },
  // All of it in the thread: what it means depends on nothing else.
  read: (source) => bounded(tellScip(readScip(source))),
  asks: () => ({ entities: [], symbolsOf: [], before: true }),
  tell: (documents, { before }, { at }) => ({
    isAll: true,
    units: documents.map(({ path, symbols, relationships }) => ({
      name: path,
      entities: symbols.map((symbol) => {
        const known = before.get(symbol.id)?.entity;
        const created = known?.created ?? at.toISOString();
        // Told again as it was it did not change.
        const lastModified = (known?.hash === symbol.hash ? known.lastModified : undefined) ?? at.toISOString();
        return { ...symbol, type: 'symbol', created, lastModified };
      }),
      relationships,
    })),
  }),
};

/** Before it leaves the thread. @throws GRAPH_REPORT_TOO_LARGE */
export function bounded(told: ToldDocument[], most: number = MOST_REPORTED): ToldDocument[] {
  const size = told.reduce((sum, { symbols, relationships }) => sum + symbols.length + relationships.length, 0);
  if (size <= most) return told;
  const [found, limit] = [size, most].map((count) => `${count} entities and relationships`);
  throw new SignalboxError('GRAPH_REPORT_TOO_LARGE', { size: found, limit });
}
