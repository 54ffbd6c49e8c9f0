import type { FileChange } from '../capture/index.ts';
import type { ChangeWindow, ExpectedWrite } from './change-window.ts';
import type { WorkspaceChange } from './workspace-change.ts';

export type Attributed = Pick<
  WorkspaceChange,
  'attribution' | 'sessionId' | 'callId' | 'tool' | 'actor' | 'attempt' | 'undoId' | 'candidates'
>;

/** An undo that has just written. */
export interface UndoAuthor {
  undoId: string;
  actor: string;
  /** What it wrote; null: all that changed. */
  paths: ReadonlySet<string> | null;
}

const NOBODY = { sessionId: null, callId: null, tool: null, actor: null, attempt: null, undoId: null, candidates: [] };

type Attributable = Pick<FileChange, 'path' | 'oldPath' | 'afterOid'>;

/**
 * By whose hand a change came (design.md §5): the undo that wrote it; the one call that named the path and came out as it
 * said; the user's version control, where its move explains the path; the only one whose window was open; nobody; or it
 * cannot be told. Several calls of one session leave no doubt about the session, only about the call.
 */
export function attributeChange(
  change: Attributable,
  {
    windows,
    explained,
    undo,
  }: { windows: readonly ChangeWindow[]; explained: ReadonlySet<string>; undo: UndoAuthor | null },
): Attributed {
  if (undo && (undo.paths === null || undo.paths.has(change.path))) {
    return { ...NOBODY, attribution: 'undo', undoId: undo.undoId, actor: undo.actor };
  }
  const matching = windows.filter(({ expected }) => expected?.some((write) => cameOut(write, change)));
  const [match] = matching;
  if (match && matching.length === 1) return { ...by(match), attribution: 'tool_call' };
  const possible = matching.length > 1 ? matching : suspects(windows, change);
  if (explained.has(change.path)) {
    const [only] = windows;
    return { ...(only && windows.length === 1 ? by(only) : NOBODY), attribution: 'vcs' };
  }
  const [first] = possible;
  if (!first) return { ...NOBODY, attribution: 'external' };
  if (possible.length === 1) return { ...by(first), attribution: 'window' };
  if (possible.every((window) => window.sessionId === first.sessionId)) {
    return { ...by(first), callId: null, tool: null, attribution: 'window' };
  }
  const candidates = possible.map(({ sessionId, callId, tool }) => ({ sessionId, callId, tool }));
  return { ...NOBODY, attribution: 'ambiguous', candidates };
}

/** Those who could have made it: who named the path or may write anything; if nobody did, all whose window was open. */
function suspects(windows: readonly ChangeWindow[], change: Attributable): readonly ChangeWindow[] {
  const likely = windows.filter(({ expected }) => expected === null || expected.some((write) => names(write, change)));
  return likely.length > 0 ? likely : windows;
}

function names({ path }: ExpectedWrite, change: Attributable): boolean {
  return path === change.path || path === change.oldPath;
}

function cameOut(write: ExpectedWrite, change: Attributable): boolean {
  if (write.path !== change.path) return false;
  return write.deleted ? change.afterOid === null : write.oid !== null && write.oid === change.afterOid;
}

function by({ sessionId, callId, tool, actor, attempt }: ChangeWindow) {
  return { ...NOBODY, sessionId, callId, tool, actor, attempt };
}
