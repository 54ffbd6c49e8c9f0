import { lstat, readFile } from 'node:fs/promises';
import { SignalboxError } from '../platform/errors/index.ts';
import { confine } from '../workspaces/index.ts';
import type { ProposedChange } from './proposed-change.ts';

/** What becomes of a file; null where there is none. */
export interface ProposedFile {
  path: string;
  before: string | null;
  after: string | null;
}

/** Larger ones are no text that anybody proposes changes of by text. */
const MOST_BYTES = 8_000_000;

/**
 * What a workspace holds of the files that a proposal names, and what it would hold after it. Nothing is written. Several changes of one file
 * follow each other.
 * @throws PROPOSAL_STALE where a file is not as the proposal takes it to be, PATH_OUTSIDE_WORKSPACE
 */
export async function proposedFiles(root: string, changes: readonly ProposedChange[]): Promise<ProposedFile[]> {
  const files = new Map<string, ProposedFile>();
  const at = async (path: string) => {
    const known = files.get(path);
    if (known) return known;
    const before = await textAt(root, path);
    const file = { path, before, after: before };
    files.set(path, file);
    return file;
  };
  for (const change of changes) {
    const file = await at(change.file);
    const stale = (reason: string) => new SignalboxError('PROPOSAL_STALE', { file: change.file, reason });
    if (change.type === 'create') {
      if (file.after !== null) throw stale('it is there already');
      file.after = change.newContent ?? '';
      continue;
    }
    const text = file.after;
    if (text === null) throw stale('it is not there');
    const old = partOf(text, change);
    if (old === null) throw stale(`it has no line ${change.lineEnd}`);
    if (change.oldContent !== undefined && change.oldContent !== old) throw stale('it holds something else by now');
    if (change.type === 'delete') file.after = null;
    if (change.type === 'modify') file.after = replaced(text, change);
    if (change.type === 'rename') {
      const target = await at(change.newFile ?? '');
      const reason = 'it is there already';
      if (target.after !== null) throw new SignalboxError('PROPOSAL_STALE', { file: target.path, reason });
      target.after = change.newContent ?? text;
      file.after = null;
    }
  }
  return [...files.values()].filter(({ before, after }) => before !== after);
}

async function textAt(root: string, path: string): Promise<string | null> {
  const unreadable = (reason: string) => new SignalboxError('PROPOSAL_STALE', { file: path, reason });
  const real = await confine(root, path);
  try {
    const entry = await lstat(real);
    if (!entry.isFile()) throw unreadable('it is no plain file');
    if (entry.size > MOST_BYTES) throw unreadable(`it has ${entry.size} bytes, too many to be changed by text`);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(real));
  } catch (error) {
    if (SignalboxError.is(error)) throw error;
    if (error instanceof TypeError) throw unreadable('it is no text in UTF-8');
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** The part that a change is of; null where the file has no such lines. */
function partOf(text: string, { lineStart, lineEnd }: ProposedChange): string | null {
  if (lineStart === undefined || lineEnd === undefined) return text;
  const lines = linesOf(text);
  return lineEnd > lines.length ? null : lines.slice(lineStart - 1, lineEnd).join('');
}

function replaced(text: string, { lineStart, lineEnd, newContent = '' }: ProposedChange): string {
  if (lineStart === undefined || lineEnd === undefined) return newContent;
  const lines = linesOf(text);
  // Lines that follow stay lines of their own.
  const open = newContent !== '' && !newContent.endsWith('\n') && lineEnd < lines.length;
  return [...lines.slice(0, lineStart - 1), open ? `${newContent}\n` : newContent, ...lines.slice(lineEnd)].join('');
}

/** Each with its end of line. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
