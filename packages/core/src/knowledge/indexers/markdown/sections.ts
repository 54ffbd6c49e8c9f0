import GithubSlugger from 'github-slugger';
import type { Root, RootContent } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import { cleanText } from '../../edges/clean-values.ts';

/** UTF-16 units of a heading that tell it from others. */
const MOST_TITLE = 300;

export interface Section {
  /** As links name it: of the first heading before it; null for what stands before any. */
  anchor: string | null;
  title: string;
  depth: number;
  /** From 1. */
  line: number;
  nodes: RootContent[];
}

/** A document by its headings, each with what stands below it up to the next one. */
export function sectionsOf(root: Root): Section[] {
  const slugger = new GithubSlugger();
  const sections: Section[] = [{ anchor: null, title: '', depth: 0, line: 1, nodes: [] }];
  for (const node of root.children) {
    if (node.type === 'heading') {
      const title = cleanText(textOf(node), MOST_TITLE) ?? '';
      const line = node.position?.start.line ?? 1;
      sections.push({ anchor: slugger.slug(title), title, depth: node.depth, line, nodes: [node] });
    } else sections.at(-1)?.nodes.push(node);
  }
  return sections.filter(({ anchor, nodes }) => anchor !== null || nodes.length > 0);
}
