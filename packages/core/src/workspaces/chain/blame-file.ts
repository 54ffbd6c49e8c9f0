import type { Executor } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { CaptureRepository } from '../capture/index.ts';
import type { Blame, BlamedLine } from './blamed-line.ts';
import { changesOfPath } from './change-list-store.ts';
import type { WorkspaceCapture } from './workspace-capture.ts';
import type { WorkspaceChange } from './workspace-change.ts';

/** Changes of one path that are looked at, at most. */
const MOST_CHANGES = 2_000;
const LOOKED_AT_FOR_BINARY = 8_000;

/**
 * By whose hand each line of a file came, as a capture holds it: the chain's changes of the path, renames followed, are
 * made a history of its own, and git's blame tells the rest. @throws FILE_NOT_FOUND
 * @param scratch name for what is needed meanwhile, unique in the store.
 */
export async function blameFile(
  db: Executor,
  repository: CaptureRepository,
  capture: WorkspaceCapture,
  path: string,
  scratch: string,
): Promise<Blame> {
  const { projectId, workspaceId, position } = capture;
  const oid = await repository.fileAt(capture.treeId, path);
  const bytes = oid === null ? null : await repository.read(oid);
  if (oid === null || bytes === null) throw new SignalboxError('FILE_NOT_FOUND', { path });
  const blame = { workspaceId, path, position };
  if (bytes.subarray(0, LOOKED_AT_FOR_BINARY).includes(0)) return { ...blame, binary: true, lines: [] };
  const changes = await courseOf(db, projectId, workspaceId, path, position);
  const before = changes.length === 0 ? oid : (changes[0]?.beforeOid ?? null);
  const contents = [before, ...changes.map(({ afterOid }) => afterOid)];
  const kept = await repository.kept(contents);
  // What was given up cannot be told from what was there before.
  const from = contents.findLastIndex((each) => each !== null && !kept.has(each)) + 1;
  const origins = await repository.blame(contents.slice(from), scratch);
  const texts = bytes.toString('utf8').split('\n');
  const added = before === null && from === 0;
  return {
    ...blame,
    binary: false,
    lines: origins.map((origin, at) => {
      // The first content is what was there before, unless the file itself was added by a change.
      const change = origin === 0 && !added ? undefined : changes[origin + from - 1];
      return lineOf(at + 1, texts[at] ?? '', change);
    }),
  };
}

/** The changes that led to a path, oldest first: back to where the file was added, or first seen. */
async function courseOf(
  db: Executor,
  projectId: string,
  workspaceId: string,
  path: string,
  through: number,
): Promise<WorkspaceChange[]> {
  const course: WorkspaceChange[] = [];
  for (let name: string | null = path, last = through; name !== null && course.length < MOST_CHANGES; ) {
    const found: WorkspaceChange[] = await changesOfPath(db, projectId, workspaceId, name, last, MOST_CHANGES);
    name = null;
    for (const change of found) {
      course.push(change);
      if (change.operation === 'added') break;
      if (change.oldPath === null) continue;
      name = change.oldPath;
      last = change.position - 1;
      break;
    }
  }
  return course.reverse();
}

function lineOf(line: number, text: string, change: WorkspaceChange | undefined): BlamedLine {
  return {
    line,
    text: text.replace(/\r$/, ''),
    changeId: change?.id ?? null,
    position: change?.position ?? null,
    attribution: change?.attribution ?? null,
    sessionId: change?.sessionId ?? null,
    callId: change?.callId ?? null,
    tool: change?.tool ?? null,
    actor: change?.actor ?? null,
    at: change?.occurredAt ?? null,
  };
}
