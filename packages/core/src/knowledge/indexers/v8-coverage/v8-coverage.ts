/// <reference path="./bcoe-v8-coverage.d.ts" />
import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { mergeScriptCovs } from '@bcoe/v8-coverage';
import v8ToIstanbul from 'v8-to-istanbul';
import { z } from 'zod';
import type { ReportAdapter } from '../../imports/report-adapter.ts';
import { pathWithin, type ReportSource, readJson, unreadable } from '../../imports/report-source.ts';
import type { CoverageReport, CoveredFile } from '../test-coverage/covered-file.ts';
import { askForCovered, tellCoverage } from '../test-coverage/tell-coverage.ts';

const rangeSchema = z.object({ startOffset: z.int().min(0), endOffset: z.int().min(0), count: z.int().min(0) });
const functionSchema = z.object({
  functionName: z.string(),
  ranges: z.array(rangeSchema).min(1),
  isBlockCoverage: z.boolean(),
});
const scriptSchema = z.object({ url: z.string(), functions: z.array(functionSchema) });
type V8Script = z.infer<typeof scriptSchema>;
const coverageSchema = z.object({ result: z.array(scriptSchema) });

/** Larger sources were written by programs. */
const MOST_SOURCE_BYTES = 8 * 1024 * 1024;

export const v8Coverage: ReportAdapter<CoverageReport> = {
  format: 'v8-coverage',
  recognises: (_source, json) => z.object({ result: z.array(scriptSchema).min(1) }).safeParse(json).success,
  read: readV8Coverage,
  asks: askForCovered,
  tell: tellCoverage,
};

/**
 * What V8 writes for `NODE_V8_COVERAGE`. It counts by offsets in the text that ran, so the sources are read from the workspace, where they
 * must be what they were. A process loads much that is not of the repository; that is passed over.
 * @throws IMPORT_UNREADABLE
 */
export async function readV8Coverage(source: ReportSource): Promise<CoverageReport> {
  if (source.workspace === null) {
    throw unreadable('v8-coverage', 'it counts by offsets in sources; name the workspace that has these');
  }
  const parsed = coverageSchema.safeParse(readJson('v8-coverage', source));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable('v8-coverage', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const found = new Map<string, { text: string; scripts: V8Script[] }>();
  let elsewhere = 0;
  for (const script of parsed.data.result) {
    const path = script.url.startsWith('file:') ? pathWithin(source.root, script.url) : null;
    const known = path === null ? undefined : found.get(path);
    const text = path === null || /(?:^|\/)node_modules\//.test(path) ? null : readSource(source.workspace, path);
    if (known) known.scripts.push(script);
    else if (path === null || text === null) elsewhere += 1;
    else found.set(path, { text, scripts: [script] });
  }
  if (found.size === 0) throw unreadable('v8-coverage', 'none of its scripts is a file of the workspace');
  const files: CoveredFile[] = [];
  for (const [path, { text, scripts }] of found) files.push(await coveredFile(path, text, scripts));
  return { files, leftOut: { 'scripts that are not of the workspace': elsewhere } };
}

/** Null for what is no file of the workspace. */
function readSource(workspace: string, path: string): string | null {
  const file = join(workspace, path);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size > MOST_SOURCE_BYTES) return null;
  return realpathSync(file).startsWith(`${workspace}/`) ? readFileSync(file, 'utf8') : null;
}

/** @param scripts one, or several loads of it, which add up */
async function coveredFile(path: string, text: string, scripts: V8Script[]): Promise<CoveredFile> {
  // What a map leads to is not followed: it may be any file. The text keeps its length.
  const converter = v8ToIstanbul(`/${path}`, 0, { source: text.replaceAll('sourceMappingURL', 'sourceMapping_in') });
  await converter.load();
  converter.applyCoverage(functionsOf(path, scripts));
  const [covered] = Object.values(converter.toIstanbul());
  converter.destroy();
  const { statementMap = {}, s = {}, fnMap = {}, f = {}, b = {} } = covered ?? {};
  const named = Object.entries(fnMap).filter(([, { name }]) => !name.startsWith('(anonymous'));
  return {
    path,
    // It has one statement for each line.
    lines: new Map(Object.entries(statementMap).map(([id, { start }]) => [start.line, s[id] ?? 0])),
    functions: named.map(([id, { name, loc }]) => {
      return { name, line: loc.start.line, endLine: loc.end.line, hits: f[id] ?? 0 };
    }),
    branches: Object.values(b).flat(),
    statements: null,
  };
}

/** @throws IMPORT_UNREADABLE where ranges do not nest */
function functionsOf(path: string, scripts: V8Script[]): V8Script['functions'] {
  const [first] = scripts;
  if (first && scripts.length === 1) return first.functions;
  try {
    return mergeScriptCovs(scripts)?.functions ?? [];
  } catch (error) {
    throw unreadable('v8-coverage', `the ranges of ${path} cannot be added up`, error);
  }
}
