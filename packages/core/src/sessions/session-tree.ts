import type { Session } from './session.ts';
import type { TreeRow } from './session-family-store.ts';

/** A session and its descendants (ORC-137). Siblings stand oldest first. */
export interface SessionTree extends Pick<Session, 'id' | 'title' | 'status' | 'sessionType'> {
  /** 1 for the session that was asked for. */
  depth: number;
  children: SessionTree[];
}

/** @param rows parents before children; null when there are none: the root is unknown. */
export function buildTree(rows: readonly TreeRow[]): SessionTree | null {
  const nodes = new Map<string, SessionTree>();
  for (const { parentId, ...row } of rows) {
    const node = { ...row, children: [] };
    nodes.set(row.id, node);
    if (row.depth > 1 && parentId !== null) nodes.get(parentId)?.children.push(node);
  }
  const [root] = rows;
  return root ? (nodes.get(root.id) ?? null) : null;
}
