import { createHash } from 'node:crypto';
import { extname } from 'node:path/posix';
import ts from 'typescript';
import type { EntityFacts, FileFacts, SourceFileState } from '../file-facts.ts';
import { isTestFile } from '../test-file.ts';
import { describeSymbol, type FileBase } from './describe-symbol.ts';
import { edgesOf, languageOf } from './occurrence.ts';
import type { OpenProgram } from './open-program.ts';
import { type FoundTest, type ReadFile, readOccurrences } from './read-occurrences.ts';

const CONFIG_FILE = /(?:^|\/)(?:[^/]*\.config\.[cm]?[jt]s|\.[^/]*rc\.[cm]?js)$/;
/** Syntax errors that are told of each file. */
const MOST_PROBLEMS = 5;

/** All that is to say of a file: the file itself, what it declares, its tests, and where all of that leads. */
export function indexFile(
  { program, ids, resolved }: Omit<OpenProgram, 'files'>,
  file: ts.SourceFile,
  state: SourceFileState,
): FileFacts {
  const { path } = state;
  const read = readOccurrences({ program, ids, resolved, path }, file);
  const base = { path, language: languageOf(path), lastModified: state.modifiedAt, created: state.createdAt };
  const relationships = edgesOf(path, read.occurrences);
  return {
    path,
    entities: [
      fileEntity(file, state, base, read),
      ...symbolEntities(program.getTypeChecker(), read, base),
      ...read.tests.filter(({ isSuite }) => !isSuite).map((test) => testEntity(test, file, base)),
    ],
    relationships,
    problems: syntaxErrors(program.getSyntacticDiagnostics(file), file),
  };
}

/** A file that nobody looked into: too large, or made by a program. */
export function unreadFile(state: SourceFileState, why: string, language = languageOf(state.path)): FileFacts {
  const { path, hash, size, modifiedAt: lastModified, createdAt: created } = state;
  const base = { id: `file:${path}`, type: 'file', path, hash, language, lastModified, created };
  const parts = { extension: extname(path), size, lines: 0, isTest: isTestFile(path), isConfig: false };
  const entity = { ...base, ...parts, dependencies: [], metadata: { unread: why } };
  return { path, entities: [entity], relationships: [], problems: [why] };
}

export function fileEntity(
  file: ts.SourceFile,
  state: SourceFileState,
  base: FileBase,
  { occurrences }: Pick<ReadFile, 'occurrences'>,
): EntityFacts {
  const { path, hash, size } = state;
  const imported = occurrences.filter(({ type, says }) => type === 'IMPORTS' && says.importType !== undefined);
  const modules = imported.map(({ toId }) => toId).filter((id) => !id.startsWith('sym:') && !id.includes('#'));
  return {
    id: `file:${path}`,
    type: 'file',
    ...base,
    hash,
    extension: extname(path),
    size,
    lines: file.getLineStarts().length,
    isTest: isTestFile(path),
    isConfig: CONFIG_FILE.test(path),
    dependencies: [...new Set(modules)].sort(),
  };
}

/** @param checker null where types are not looked at */
export function symbolEntities(
  checker: ts.TypeChecker | null,
  { declared, occurrences }: Pick<ReadFile, 'declared' | 'occurrences'>,
  base: FileBase,
): EntityFacts[] {
  const exported = new Set(occurrences.filter(({ type }) => type === 'EXPORTS').map(({ toId }) => toId));
  const calls = new Map<string, Set<string>>();
  for (const { type, fromId, toId } of occurrences) {
    if (type === 'CALLS') calls.set(fromId, (calls.get(fromId) ?? new Set()).add(toId));
  }
  return [...declared].flatMap(([id, [first, ...more]]) => {
    if (!first) return [];
    const called = [...(calls.get(id) ?? [])].sort();
    return describeSymbol(id, [first, ...more], { checker, base, isExported: exported.has(id), calls: called });
  });
}

function testEntity({ id, names, node, testType }: FoundTest, file: ts.SourceFile, base: FileBase): EntityFacts {
  const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
  const hash = createHash('sha256').update(node.getText(file)).digest('hex').slice(0, 32);
  const metadata = { name: names.join(' > '), line: line + 1, column: character + 1 };
  return {
    id,
    type: 'test',
    ...base,
    hash,
    testType,
    targetSymbol: '',
    framework: frameworkOf(file),
    status: 'unknown',
    executionHistory: [],
    dependencies: [],
    tags: [],
    metadata,
  };
}

const FRAMEWORKS = ['vitest', '@jest/globals', 'node:test', 'mocha', '@playwright/test', 'ava', 'bun:test'];

function frameworkOf(file: ts.SourceFile): string {
  const imported = file.statements.flatMap((one) =>
    ts.isImportDeclaration(one) && ts.isStringLiteral(one.moduleSpecifier) ? [one.moduleSpecifier.text] : [],
  );
  return FRAMEWORKS.find((name) => imported.includes(name)) ?? 'unknown';
}

/** Of the parser: the first of them, with their places. */
export function syntaxErrors(found: readonly ts.Diagnostic[], file: ts.SourceFile): string[] {
  return found.slice(0, MOST_PROBLEMS).map(({ start = 0, messageText }) => {
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    return `${line + 1}:${character + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
