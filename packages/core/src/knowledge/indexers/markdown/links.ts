import type { Definition, Nodes } from 'mdast';
import { cleanPath } from '../../edges/clean-values.ts';

export interface FoundLink {
  /** Relative to the workspace. */
  path: string;
  anchor: string | null;
  line: number;
  url: string;
}

/** Inline code, as it is written. */
export interface FoundCode {
  text: string;
  line: number;
}

/** Deepest nesting of quotes, lists and emphases that is looked into. */
const MOST_DEPTH = 200;

/** What stands in a part of a document: where it leads, and what it names. @param path of the document */
export function foundIn(
  nodes: readonly Nodes[],
  path: string,
  definitions: ReadonlyMap<string, Definition>,
): { links: FoundLink[]; codes: FoundCode[] } {
  const found = { links: [] as FoundLink[], codes: [] as FoundCode[] };
  const visit = (node: Nodes, depth: number): void => {
    const line = node.position?.start.line ?? 1;
    if (node.type === 'inlineCode') found.codes.push({ text: node.value, line });
    const url =
      node.type === 'link' || node.type === 'image'
        ? node.url
        : node.type === 'linkReference' || node.type === 'imageReference'
          ? definitions.get(node.identifier)?.url
          : undefined;
    const target = url === undefined ? null : targetOf(url, path);
    if (target) found.links.push({ ...target, line, url: url ?? '' });
    if ('children' in node && depth < MOST_DEPTH) for (const child of node.children) visit(child, depth + 1);
  };
  for (const node of nodes) visit(node, 0);
  return found;
}

/** Null for what leads out of the workspace, to the web, or within the document itself. */
function targetOf(url: string, from: string): { path: string; anchor: string | null } | null {
  if (/^(?:[a-z][a-z0-9+.-]*:|\/\/|#)/i.test(url)) return null;
  const [written = '', anchor] = url.split('#', 2);
  const named = decoded(written.replace(/\?.*$/, ''));
  const base = from.includes('/') ? from.slice(0, from.lastIndexOf('/')) : '';
  // A path from the root is one from that of the repository, as hosts of repositories show it.
  const path = cleanPath(named.startsWith('/') ? named.slice(1) : `${base}/${named}`.replace(/^\//, ''));
  return path === undefined ? null : { path, anchor: anchor || null };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
