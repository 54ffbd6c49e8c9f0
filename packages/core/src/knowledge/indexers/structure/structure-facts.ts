import { createHash } from 'node:crypto';
import { extname } from 'node:path/posix';
import type { RawEdge } from '../../edges/raw-edge.ts';
import type { EntityFacts, FileFacts, SourceFileState } from '../file-facts.ts';
import { symbolId } from '../symbol-id.ts';
import { isTestFile } from '../test-file.ts';
import type { Language } from './languages.ts';
import type { NamedSymbols } from './named-symbols.ts';
import type { Declared, Named, Outline } from './outline.ts';

/** How sure it is that a name means the one declaration of that name: of the same file, and of another one. */
const SURE_IN_FILE = 0.6;
const SURE_ELSEWHERE = 0.4;

export interface OutlinedFile {
  state: SourceFileState;
  language: Language;
  outline: Outline;
}

/** What is to say of a file whose structure alone is known: names are only guessed to mean what goes by them. */
export function structureFacts({ state, language, outline }: OutlinedFile, names: NamedSymbols): FileFacts {
  const { path, hash, size } = state;
  const base = { path, language: language.name, lastModified: state.modifiedAt, created: state.createdAt };
  const fileId = `file:${path}`;
  const ids = outline.declared.map((one) => symbolId(path, one.names));
  const idOf = (within: number | null) => (within === null ? fileId : (ids[within] ?? fileId));
  const imports = outline.imports.map((one) => ({ one, toId: names.imported(language, one.text, path) }));
  const calls = outline.calls.flatMap((one) => callsOf(one, { path, names, language, idOf }));
  const entities: EntityFacts[] = [
    {
      ...{ id: fileId, type: 'file', ...base, hash, extension: extname(path), size, lines: outline.lines },
      ...{
        isTest: isTestFile(path),
        isConfig: false,
        dependencies: [...new Set(imports.map(({ toId }) => toId))].sort(),
      },
    },
  ];
  const seen = new Set<string>();
  const contained: RawEdge[] = [];
  outline.declared.forEach((one, n) => {
    const id = idOf(n);
    if (seen.has(id)) return;
    seen.add(id);
    const own = calls.filter(({ fromEntityId }) => fromEntityId === id).map(({ toEntityId }) => toEntityId);
    entities.push(symbolOf(one, { id, base, language, calls: own, members: membersOf(outline.declared, n) }));
    const from = idOf(one.within);
    const place = { path, line: one.line, column: one.column };
    contained.push({
      ...{ type: from === fileId ? 'DEFINES' : 'CONTAINS', fromEntityId: from, toEntityId: id },
      ...{ locations: [place], language: language.name, scope: 'local', confidence: 1 },
    });
  });
  const relationships = [
    ...contained,
    ...imports.map(({ one, toId }) => importEdge(one, toId, { path, language })),
    ...calls,
  ];
  return { path, entities, relationships: unique(relationships), problems: outline.errors };
}

function symbolOf(
  one: Declared,
  context: { id: string; base: object; language: Language; calls: string[]; members: string[] },
): EntityFacts {
  const { id, base, language, calls, members } = context;
  const name = one.names.at(-1) ?? '';
  const first = one.text.slice(0, one.text.indexOf('\n') + 1 || undefined);
  const symbol = {
    ...{ id, type: 'symbol', ...base, name: one.names.join('.'), signature: one.signature, docstring: '' },
    hash: createHash('sha256').update(one.text).digest('hex').slice(0, 32),
    visibility: /\bprivate\b/.test(first) ? 'private' : /\bprotected\b/.test(first) ? 'protected' : 'public',
    isExported: language.isExported(name, first),
    isDeprecated: false,
    location: { line: one.line, column: one.column, start: one.start, end: one.end, endLine: one.endLine },
  };
  switch (one.kind) {
    case 'function':
      return {
        ...{ ...symbol, kind: 'function', returnType: one.returnType, isAsync: one.isAsync, isGenerator: false },
        parameters: one.parameters.map((parameter) => ({ ...parameter, optional: false })),
        ...{ complexity: 1 + one.branches, calls: [...new Set(calls)].sort() },
      };
    case 'class': {
      const isAbstract = /\babstract\b/.test(first);
      return {
        ...symbol,
        kind: 'class',
        extends: one.bases,
        implements: [],
        methods: members,
        properties: [],
        isAbstract,
      };
    }
    case 'interface':
      return { ...symbol, kind: 'interface', extends: one.bases, methods: members, properties: [] };
    case 'typeAlias':
      return { ...symbol, kind: 'typeAlias', aliasedType: one.signature, isUnion: false, isIntersection: false };
    default:
      return { ...symbol, kind: one.kind };
  }
}

function membersOf(declared: readonly Declared[], place: number): string[] {
  const own = declared.filter(({ within, kind }) => within === place && (kind === 'method' || kind === 'function'));
  return [...new Set(own.map(({ names }) => names.at(-1) ?? ''))];
}

function importEdge(
  { text, line, column }: Named,
  toEntityId: string,
  { path, language }: { path: string; language: Language },
): RawEdge {
  return {
    ...{ type: 'IMPORTS', fromEntityId: `file:${path}`, toEntityId, modulePath: text, language: language.name },
    ...{ locations: [{ path, line, column }], scope: toEntityId.startsWith('external:') ? 'external' : 'imported' },
    ...{ resolutionState: toEntityId.startsWith('external:') ? 'unresolved' : 'resolved', confidence: 1 },
  };
}

interface CallContext {
  path: string;
  names: NamedSymbols;
  language: Language;
  idOf: (within: number | null) => string;
}

/** A name that is called, as a reference to the only declaration that goes by it: the file's own first. */
function callsOf({ text, line, column, within }: Named, { path, names, language, idOf }: CallContext) {
  const target = names.called(language, text, path);
  const fromEntityId = idOf(within);
  if (target === null || target.id === fromEntityId) return [];
  const location = { path, line, column };
  return [
    {
      ...{ type: 'REFERENCES', fromEntityId, toEntityId: target.id, kind: 'call', callee: text, source: 'heuristic' },
      ...{ inferred: true, resolved: false, resolution: 'heuristic', location, locations: [location] },
      ...{ scope: target.isLocal ? 'local' : 'imported', confidence: target.isLocal ? SURE_IN_FILE : SURE_ELSEWHERE },
    },
  ];
}

/** Of one type between the same two the first is told of. */
function unique(edges: readonly RawEdge[]): RawEdge[] {
  const first = new Map<string, RawEdge>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.type, edge.fromEntityId, edge.toEntityId]);
    if (!first.has(key)) first.set(key, edge);
  }
  return [...first.values()];
}
