import type { RawEdge } from '../../edges/raw-edge.ts';

export function documentId(path: string, anchor: string | null = null): string {
  return anchor === null ? `doc:${path}` : `doc:${path}#${anchor}`;
}

/** That a document tells of something of the code. */
export function documentedBy(
  path: string,
  entityId: string,
  where: { sectionAnchor?: string; sectionTitle?: string },
): RawEdge {
  return {
    type: 'DOCUMENTED_BY',
    fromEntityId: entityId,
    toEntityId: documentId(path),
    source: 'parser',
    docIntent: intentOf(path),
    ...where,
  };
}

/** Whether it says how things are to be done, or how they are. */
export function intentOf(path: string): string {
  return /(?:^|\/)(?:adrs?|decisions|policies|contributing|security|code_of_conduct)\b/i.test(path)
    ? 'governance'
    : 'ai-context';
}
