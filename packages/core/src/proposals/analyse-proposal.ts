import { changedSymbols, type GraphImpact, type Knowledge, type SymbolChange } from '../knowledge/index.ts';
import type { SpecDetails } from '../specs/index.ts';
import type { AnalysedProposal } from './proposal.ts';
import type { ProposedChange } from './proposed-change.ts';
import type { ProposedFile } from './proposed-files.ts';

/** A change of one entity, as impact takes it. */
interface EntityChange {
  entityId: string;
  changeType: 'modify' | 'delete' | 'rename';
  newName?: string;
  signatureChange: boolean;
}

export interface ProposalStart {
  projectId: string;
  changes: readonly ProposedChange[];
  files: readonly ProposedFile[];
  /** Of files that are read as they are: only of them the graph's places of symbols are true. */
  read: ReadonlySet<string>;
  spec: SpecDetails | null;
}

const SOURCE = /\.(?:[cm]?[jt]sx?|py|go|rs|java|c|h|cc|cpp|hpp|rb|php|cs|sh)$/;
/** Entities of which impact is asked at once. */
const MOST_CHANGES = 1_000;

/** What a proposal would break (KG-290), as far as the graph knows. */
export async function analyseProposal(knowledge: Knowledge, start: ProposalStart): Promise<AnalysedProposal> {
  const { projectId, changes, files, read } = start;
  const there = files.filter(({ before }) => before !== null);
  const declared = await knowledge.symbolsIn(
    projectId,
    there.map(({ path }) => path),
  );
  const wanted: EntityChange[] = [];
  const unknownFiles: string[] = [];
  for (const { path, before, after } of files) {
    if (before === null) continue;
    const own = declared.filter((one) => one.path === path);
    if (SOURCE.test(path) && !read.has(path)) unknownFiles.push(path);
    const newName = changes.find(({ file, type }) => type === 'rename' && file === path)?.newFile;
    const found = after === null ? { changes: gone(own), outside: true } : changedSymbols(own, before, after);
    // A file that moves is imported by another name; what it declares goes with it.
    if (newName !== undefined) wanted.push({ ...ofFile(path, 'rename'), newName });
    else
      wanted.push(
        ...found.changes.map(ofSymbol),
        ...(found.outside ? [ofFile(path, after === null ? 'delete' : 'modify')] : []),
      );
  }
  const known = await knowledge.entities(
    projectId,
    wanted.map(({ entityId }) => entityId),
  );
  const changed = wanted.filter(({ entityId }) => known.has(entityId));
  const asked = changed.slice(0, MOST_CHANGES);
  const impact =
    asked.length === 0 ? null : await knowledge.impact(projectId, { changes: asked, includeIndirect: true });
  const direct = impact?.directImpact.flatMap(({ entities }) => entities) ?? [];
  const affectedSpecs = impact?.specImpact.relatedSpecs.map(({ specId }) => specId) ?? [];
  return {
    revision: impact?.revision ?? (await knowledge.revision(projectId)),
    affectedEntities: changed.map(({ entityId, changeType, signatureChange }) => {
      const { type = null, name, path } = (known.get(entityId)?.entity ?? {}) as Record<string, unknown>;
      const text = (value: unknown) => (typeof value === 'string' ? value : null);
      return { id: entityId, type: text(type), name: text(name), path: text(path), changeType, signatureChange };
    }),
    breakingChanges: breakingChanges(asked, impact?.directImpact ?? []),
    impactAnalysis: {
      directImpact: unique(direct),
      indirectImpact: unique(impact?.cascadingImpact.flatMap(({ entities }) => entities) ?? []),
      testImpact: {
        affectedTests: impact?.testImpact.affectedTests ?? [],
        requiredUpdates: impact?.testImpact.requiredUpdates ?? [],
      },
    },
    affectedSpecs,
    recommendations: recommendations(start, { impact, unknownFiles, affectedSpecs }),
    unknownFiles,
    truncated: (impact?.truncated ?? false) || changed.length > asked.length,
  };
}

/**
 * One for each change that anything depends on: breaking where what depends on it has to change too, else perhaps; and one for all on which nothing
 * else is known to depend.
 */
function breakingChanges(
  changes: readonly EntityChange[],
  directImpact: GraphImpact['directImpact'],
): AnalysedProposal['breakingChanges'] {
  const byEntity = new Map(directImpact.map((one) => [one.entityId, one]));
  const found = changes.flatMap((change): AnalysedProposal['breakingChanges'] => {
    const own = byEntity.get(change.entityId);
    if (!own) return [];
    const { entities, severity } = own;
    return [
      {
        severity: severity === 'high' ? 'breaking' : 'potentially-breaking',
        description: `${describe(change)}, and ${entities.length === 1 ? 'one depends' : `${entities.length} depend`} on it.`,
        affectedEntities: [change.entityId, ...entities.map(({ id }) => id)],
      },
    ];
  });
  const safe = changes.map(({ entityId }) => entityId).filter((id) => !byEntity.has(id));
  const description = 'Nothing else is known to depend on these.';
  return [
    ...found.filter(({ severity }) => severity === 'breaking'),
    ...found.filter(({ severity }) => severity !== 'breaking'),
    ...(safe.length > 0 ? [{ severity: 'safe' as const, description, affectedEntities: safe.sort() }] : []),
  ];
}

function describe({ entityId, changeType, newName, signatureChange }: EntityChange): string {
  if (changeType === 'delete') return `${entityId} is gone`;
  if (changeType === 'rename') return `${entityId} becomes ${newName}`;
  return signatureChange ? `${entityId} gets another signature` : `${entityId} does something else`;
}

function recommendations(
  { spec, changes }: ProposalStart,
  found: { impact: GraphImpact | null; unknownFiles: readonly string[]; affectedSpecs: readonly string[] },
): AnalysedProposal['recommendations'] {
  const { impact, unknownFiles, affectedSpecs } = found;
  const told: AnalysedProposal['recommendations'] = (impact?.recommendations ?? []).map((one) => ({
    type: one.type,
    message: one.description,
    actions: one.actions,
  }));
  if (unknownFiles.length > 0) {
    const message = 'Index the workspace: the graph does not know these files as they are, nor what depends on them.';
    told.unshift({ type: 'warning', message, actions: [...unknownFiles] });
  }
  if (spec) {
    const files = new Set(changes.flatMap(({ file, newFile }) => [file, newFile ?? file]));
    const own = spec.affectedEntities.filter(({ link }) => link.type === 'IMPLEMENTS_SPEC');
    if (!own.some(({ path }) => path !== null && files.has(path))) {
      const message = 'None of these files is tied to the specification. Link the code that implements it.';
      told.push({ type: 'suggestion', message, actions: [spec.spec.id] });
    }
    const untested = spec.testCoverage.criteria.filter(({ tests }) => tests.length === 0);
    if (untested.length > 0) {
      const message = 'Of these criteria of the specification no test is known.';
      told.push({ type: 'requirement', message, actions: untested.map(({ id }) => id) });
    }
    if (spec.spec.status === 'deprecated' || spec.spec.status === 'draft') {
      const message = `The specification is ${spec.spec.status}: nobody has approved what it wants.`;
      told.push({ type: 'warning', message, actions: [spec.spec.id] });
    }
  }
  const others = affectedSpecs.filter((id) => id !== spec?.spec.id);
  if (others.length > 0) {
    told.push({ type: 'warning', message: 'It has to do with other specifications, too.', actions: others });
  }
  return told;
}

function gone(symbols: readonly SymbolChange['symbol'][]): SymbolChange[] {
  return symbols.map((symbol) => ({ symbol, changeType: 'delete', signatureChange: true }));
}

function ofSymbol({ symbol, changeType, signatureChange }: SymbolChange): EntityChange {
  return { entityId: symbol.id, changeType, signatureChange };
}

function ofFile(path: string, changeType: EntityChange['changeType']): EntityChange {
  return { entityId: `file:${path}`, changeType, signatureChange: false };
}

function unique<Item extends { id: string }>(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [item.id, item])).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
