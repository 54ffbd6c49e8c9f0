import ts from 'typescript';
import type { FileFacts, SourceFileState } from '../file-facts.ts';
import { groupSources } from './configurations.ts';
import { indexFile, unreadFile } from './index-file.ts';
import type { OpenProgram } from './open-program.ts';
import { SourceCache } from './source-cache.ts';
import { SOURCE_FILE } from './source-file.ts';
import { type OwnFiles, SymbolIds } from './symbol-ids.ts';
import { TOO_DEEP, whyUnread } from './unread-source.ts';

export interface OpenedSources {
  programs: OpenProgram[];
  /** Files that nobody looks into, with the reason as their problem. */
  unread: FileFacts[];
  /** Absolute paths of files that could not be parsed. */
  broken: ReadonlySet<string>;
  own: OwnFiles;
}

/**
 * Reads the sources of a workspace: a program for each set of options.
 *
 * @param root absolute real path of the workspace, without a slash at its end
 * @param listed all files of the workspace
 */
export function openSources(
  root: string,
  listed: readonly SourceFileState[],
  cache: SourceCache = new SourceCache(),
): OpenedSources {
  const unread: FileFacts[] = [];
  const states = new Map<string, SourceFileState>();
  for (const state of listed) {
    if (!SOURCE_FILE.test(state.path)) continue;
    const why = whyUnread(root, state);
    if (why === null) states.set(`${root}/${state.path}`, state);
    else unread.push(unreadFile(state, why));
  }
  const own = { root, pathOf: ({ fileName }: { readonly fileName: string }) => states.get(fileName)?.path ?? null };
  const groups = groupSources(
    root,
    [...states.keys()],
    listed.map(({ path }) => path),
  );
  const programs = groups.map(({ options, files: rootNames }): OpenProgram => {
    const resolved = new Map<string, Map<string, string | null>>();
    const program = ts.createProgram({
      rootNames,
      options,
      host: cache.hostFor(options, resolved, (name) => states.has(name)),
    });
    const ids = new SymbolIds(program, own);
    const files = rootNames.flatMap((name) => {
      const file = program.getSourceFile(name);
      const state = states.get(name);
      return file && state ? [{ file, state }] : [];
    });
    return { program, ids, resolved, files };
  });
  return { programs, unread, broken: cache.broken, own };
}

/**
 * The same after edits of files that had been read: what did not change is neither looked at again nor parsed.
 *
 * @param edited by absolute path, what the files are now
 * @param cache by which the sources were opened
 */
export function reopenSources(
  { programs, ...same }: OpenedSources,
  edited: ReadonlyMap<string, SourceFileState>,
  cache: SourceCache,
): OpenedSources {
  const reopened = programs.map((one): OpenProgram => {
    if (![...edited.keys()].some((name) => one.program.getSourceFile(name))) return one;
    const options = one.program.getCompilerOptions();
    const resolved = new Map([...one.resolved].filter(([name]) => !edited.has(name)));
    const isOwn = (fileName: string) => same.own.pathOf({ fileName }) !== null;
    const host = cache.hostFor(options, resolved, isOwn, (name) => !edited.has(name));
    const rootNames = one.program.getRootFileNames();
    const program = ts.createProgram({ rootNames, options, host, oldProgram: one.program });
    const files = one.files.flatMap(({ file: { fileName }, state }) => {
      const file = program.getSourceFile(fileName);
      return file ? [{ file, state: edited.get(fileName) ?? state }] : [];
    });
    return { program, ids: new SymbolIds(program, same.own), resolved, files };
  });
  return { ...same, programs: reopened };
}

/** What there is to say of each source, one after the other. @param wanted which of them; all without it */
export function* indexSources(
  { programs, unread, broken }: OpenedSources,
  wanted: (path: string) => boolean = () => true,
): Generator<FileFacts> {
  for (const facts of unread) if (wanted(facts.path)) yield facts;
  for (const opened of programs) {
    for (const { file, state } of opened.files) {
      if (!wanted(state.path)) continue;
      yield broken.has(file.fileName) ? unreadFile(state, TOO_DEEP) : indexed(opened, file, state);
    }
  }
}

/** One file that nobody can make sense of is no reason to know nothing of the others. */
function indexed(opened: OpenProgram, file: ts.SourceFile, state: SourceFileState): FileFacts {
  try {
    return indexFile(opened, file, state);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return unreadFile(state, TOO_DEEP);
  }
}
