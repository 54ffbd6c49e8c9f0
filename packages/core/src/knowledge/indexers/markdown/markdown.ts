import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Definition, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { toString as textOf } from 'mdast-util-to-string';
import { cleanText } from '../../edges/clean-values.ts';
import type { RawEdge } from '../../edges/raw-edge.ts';
import type { DocEvidence } from '../../vocabulary/documentation-edge.ts';
import type { EntityFacts, FileFacts, Mention } from '../file-facts.ts';
import type { FileIndexer, FileText, Surroundings } from '../file-indexer.ts';
import { MARKDOWN_FILE } from '../which-indexer.ts';
import { documentedBy, documentId, intentOf } from './document-edges.ts';
import { foundIn } from './links.ts';
import { type Section, sectionsOf } from './sections.ts';

/** Longer documents were written by programs: their parser takes time for each character. */
const MOST_CHARACTERS = 200_000;
/** Quotes and lists within each other: the parser takes time in the square of that for each line, and more. */
const MOST_DEPTH = 50;
const CONTAINERS = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))+/gm;
/** Blanks before an item of a list, which may tell how deep it stands. */
const MOST_INDENT = 200;
const MOST_SECTIONS = 500;
const MOST_CONTENT = 20_000;
/** Links, and names, of one document. */
const MOST_FOUND = 10_000;
const MOST_NAME = 200;
const MOST_EVIDENCE = 500;
const MOST_PROBLEMS = 20;
/** What can be a name of the code: `rate`, `Invoice.total`, `rate()`. */
const NAME = /^(?:[A-Za-z_$][\w$]*[.#])*[A-Za-z_$][\w$]*(?:\(\))?$/;

/** Documents, their sections, and what both say of the code. */
export const markdown: FileIndexer = {
  reads: MARKDOWN_FILE,
  version: 1,
  isWhole: false,
  seesCode: true,
  index: (files, surroundings) => files.map((file) => documentFacts(file, surroundings)),
};

function documentFacts(file: FileText, { paths }: Surroundings): FileFacts {
  const { path } = file.state;
  const unread = whyUnread(file.text);
  if (unread !== null) {
    return { path, entities: [documentEntity(file, [])], relationships: [], problems: [`${unread}, and was not read`] };
  }
  const root = fromMarkdown(file.text.replaceAll('\0', '\uFFFD'));
  const sections = sectionsOf(root).slice(0, MOST_SECTIONS);
  const definitions = definitionsOf(root);
  const found = sections.map((section) =>
    sectionFacts(path, section, foundIn(section.nodes, path, definitions), paths),
  );
  const relationships = [...new Map(found.flatMap(({ edges }) => edges).map((edge) => [keyOf(edge), edge])).values()];
  const mentions = found.flatMap((one) => one.mentions);
  const problems = found.flatMap(({ missing }) => missing).slice(0, MOST_PROBLEMS);
  if (Math.max(relationships.length, mentions.length) > MOST_FOUND) {
    problems.push(`has more than ${MOST_FOUND} links or names of code; the rest is left out`);
  }
  const entities = [documentEntity(file, sections), ...sections.flatMap((one) => sectionEntity(file, one) ?? [])];
  return {
    ...{ path, entities, problems },
    relationships: relationships.slice(0, MOST_FOUND),
    mentions: mentions.slice(0, MOST_FOUND),
  };
}

/** Null for what can be read in bounded time. */
function whyUnread(text: string): string | null {
  if (text.length > MOST_CHARACTERS) return `is longer than ${MOST_CHARACTERS} characters`;
  for (const [containers] of text.matchAll(CONTAINERS)) {
    const depth = containers.match(/[^ \t\d]/g)?.length ?? 0;
    if (depth > MOST_DEPTH || containers.search(/[^ \t]/) > MOST_INDENT) return 'nests too deep';
  }
  return null;
}

/** What one section leads to, and names. */
function sectionFacts(
  path: string,
  section: Section,
  { links, codes }: ReturnType<typeof foundIn>,
  paths: ReadonlySet<string>,
): { edges: RawEdge[]; mentions: Mention[]; missing: string[] } {
  const where = sectionOf(section);
  const edges: RawEdge[] = [];
  const mentions: Mention[] = [];
  const missing: string[] = [];
  const tellOf = (file: string, type: DocEvidence['type'], value: string) => {
    const evidence = [{ type, value: cleanText(value, MOST_EVIDENCE) ?? '' }];
    edges.push({ ...documentedBy(path, `file:${file}`, where), evidence, confidence: 1 });
  };
  for (const { path: target, url, line } of links) {
    if (MARKDOWN_FILE.test(target) && paths.has(target)) edges.push(referenceEdge(path, documentId(target), line));
    else if (paths.has(target)) tellOf(target, 'link', url);
    else if (/\.[a-z0-9]+$/i.test(target)) missing.push(`${line}: links to ${target}, which is not there`);
  }
  for (const { text } of codes) {
    if (NAME.test(text)) {
      if (text.length <= MOST_NAME) mentions.push({ name: text.replace(/\(\)$/, '').replaceAll('#', '.'), ...where });
    } else if (paths.has(text)) tellOf(text, 'snippet', text);
  }
  if (section.anchor !== null) {
    const ends = { fromEntityId: documentId(path), toEntityId: documentId(path, section.anchor) };
    const evidence = [{ type: 'heading', value: section.title }];
    edges.push({ type: 'DOCUMENTS_SECTION', ...ends, ...where, source: 'parser', evidence, confidence: 1 });
  }
  return { edges, mentions, missing };
}

function keyOf({ type, fromEntityId, toEntityId, sectionAnchor = null }: RawEdge): string {
  return JSON.stringify([type, fromEntityId, toEntityId, sectionAnchor]);
}

/** Where in a document, as edges say it. */
function sectionOf({ anchor, title }: Section): { sectionAnchor?: string; sectionTitle?: string } {
  return anchor === null ? {} : { sectionAnchor: anchor, sectionTitle: title };
}

function referenceEdge(path: string, toEntityId: string, line: number): RawEdge {
  const location = { path, line };
  return { type: 'REFERENCES', fromEntityId: documentId(path), toEntityId, source: 'ast', confidence: 1, location };
}

function documentEntity({ state, text }: FileText, sections: readonly Section[]): EntityFacts {
  const title = sections.find(({ anchor }) => anchor !== null)?.title || posix.basename(state.path);
  return documentation({ state, text }, documentId(state.path), title, text.slice(0, MOST_CONTENT), state.hash);
}

function sectionEntity(file: FileText, { anchor, title, nodes }: Section): EntityFacts | null {
  if (anchor === null) return null;
  const content = nodes
    .map((node) => textOf(node))
    .join('\n')
    .slice(0, MOST_CONTENT);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 32);
  return documentation(file, documentId(file.state.path, anchor), title, content, hash);
}

function documentation({ state }: FileText, id: string, title: string, content: string, hash: string): EntityFacts {
  const { path, modifiedAt: lastModified, createdAt: created } = state;
  return {
    ...{ id, type: 'documentation', path, hash, language: 'markdown', lastModified, created },
    title,
    content,
    docType: typeOf(path),
    businessDomains: [],
    stakeholders: [],
    technologies: [],
    status: 'active',
    docVersion: '',
    docHash: hash,
    docIntent: intentOf(path),
    docSource: 'parser',
  };
}

function typeOf(path: string): string {
  if (/(?:^|\/)readme\b/i.test(path)) return 'readme';
  if (/(?:^|\/)architecture\b/i.test(path)) return 'architecture';
  if (/(?:^|\/)(?:adrs?|decisions|design|rfcs?)(?:\/|\b)/i.test(path)) return 'design-doc';
  return /(?:^|\/)api\b/i.test(path) ? 'api-docs' : 'user-guide';
}

function definitionsOf(root: Root): Map<string, Definition> {
  const found = new Map<string, Definition>();
  for (const node of root.children) {
    if (node.type === 'definition' && !found.has(node.identifier)) found.set(node.identifier, node);
  }
  return found;
}
