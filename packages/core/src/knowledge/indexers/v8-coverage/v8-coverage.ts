import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
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
type V8Function = z.infer<typeof functionSchema>;
const scriptSchema = z.object({ url: z.string(), functions: z.array(functionSchema) });
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
  const files = new Map<string, CoveredFile>();
  let elsewhere = 0;
  for (const { url, functions } of parsed.data.result) {
    const path = url.startsWith('file:') ? pathWithin(source.root, url) : null;
    const text = path === null || /(?:^|\/)node_modules\//.test(path) ? null : readSource(source.workspace, path);
    if (path === null || text === null) elsewhere += 1;
    else files.set(path, await coveredFile(path, text, functions));
  }
  if (files.size === 0) throw unreadable('v8-coverage', 'none of its scripts is a file of the workspace');
  return { files: [...files.values()], leftOut: { 'scripts that are not of the workspace': elsewhere } };
}

/** Null for what is no file of the workspace. */
function readSource(workspace: string, path: string): string | null {
  const file = join(workspace, path);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size > MOST_SOURCE_BYTES) return null;
  return realpathSync(file).startsWith(`${workspace}/`) ? readFileSync(file, 'utf8') : null;
}

async function coveredFile(path: string, text: string, functions: V8Function[]): Promise<CoveredFile> {
  // What a map leads to is not followed: it may be any file. The text keeps its length.
  const converter = v8ToIstanbul(`/${path}`, 0, { source: text.replaceAll('sourceMappingURL', 'sourceMapping_in') });
  await converter.load();
  converter.applyCoverage(functions);
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
