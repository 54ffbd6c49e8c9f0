/** A file as a commit changed it. */
export interface FileChange {
  /** Relative to the workspace. */
  path: string;
  /** As it was called before; null where it was called the same, or was not there. */
  oldPath: string | null;
  changeType: 'create' | 'update' | 'delete' | 'rename';
  /** Of its contents before and after; null where there were none. */
  oldBlob: string | null;
  blob: string | null;
}

export interface Commit {
  hash: string;
  authorName: string;
  authorEmail: string;
  /** When it was committed. */
  at: Date;
  subject: string;
  /** None of a merge. */
  files: FileChange[];
}

/** What `git log` is asked for: {@link readCommits} reads that. Nothing but NUL is sure to be in none of these texts. */
export const LOG_FORMAT = '--format=%x1e%H%x00%cI%x00%an%x00%ae%x00%s';

/** Longest text that is read to its end, in UTF-16 units: paths are shorter, a subject may be of any length. */
const MOST_TEXT = 100_000;
const RAW = /^:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*$/;
const NOTHING = /^0+$/;
const TYPES: Record<string, FileChange['changeType']> = { A: 'create', C: 'create', D: 'delete', R: 'rename' };

/** Of a commit that git itself has no date for. */
const NO_DATE = new Date(0);

/**
 * Commits out of what `git log -z --raw` prints, as it comes. Texts end with NUL there; the first one of a commit's files with a newline
 * before it.
 * @throws Error where it is not as git writes it
 */
export async function* readCommits(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Commit> {
  const texts = endedByNul(chunks);
  const next = async () => (await texts.next()).value ?? '';
  let open: Commit | null = null;
  for await (const text of texts) {
    const line = text.replace(/^\n/, '');
    if (line.startsWith('\x1e')) {
      if (open) yield open;
      const at = dateOf(await next());
      const [authorName, authorEmail, subject] = [await next(), await next(), await next()];
      open = { hash: line.slice(1), authorName, authorEmail, at, subject, files: [] };
    } else if (line !== '') {
      const [found, before = '', after = '', status = ''] = RAW.exec(line) ?? [];
      if (!found || !open) throw new Error(`git wrote a line of its history that nobody knows: ${line.slice(0, 100)}`);
      const oldPath = status === 'R' || status === 'C' ? await next() : null;
      open.files.push({
        path: await next(),
        oldPath: status === 'R' ? oldPath : null,
        changeType: TYPES[status] ?? 'update',
        oldBlob: NOTHING.test(before) || status === 'C' ? null : before,
        blob: NOTHING.test(after) ? null : after,
      });
    }
  }
  if (open) yield open;
}

/** Commits are made by whatever program, with whatever date: one that no calendar has is none. */
function dateOf(text: string): Date {
  const at = new Date(text);
  return at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9_999 ? at : NO_DATE;
}

async function* endedByNul(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const texts = decoder.decode(chunk, { stream: true }).split('\0');
    for (const [n, text] of texts.entries()) {
      if (n > 0) {
        yield rest;
        rest = '';
      }
      if (rest.length < MOST_TEXT) rest += text.slice(0, MOST_TEXT - rest.length);
    }
  }
  if (rest !== '') yield rest;
}
