import { join } from 'node:path';
import { SignalboxError } from '../../../platform/errors/index.ts';
import { isReached, pathState } from './path-state.ts';
import { DIRECTORY, type PlannedWrite, sameState } from './planned-write.ts';
import { type PathWriter, removeFile, temporaryPath, writePath } from './write-path.ts';

export type WriteOutcome = 'written' | 'restored' | 'untouched' | 'foreign';

/** Writes all of a plan in its order. Throws at the first that cannot be written; what was written stays. */
export async function writePlan(
  writer: PathWriter,
  writes: readonly PlannedWrite[],
  done: (write: PlannedWrite) => void = () => undefined,
): Promise<void> {
  for (const write of writes) {
    await writePath(writer, { path: write.path, ordinal: write.ordinal, from: write.expected, to: write.target });
    done(write);
  }
}

/** Which writes hold their target, what was expected, or neither. Directories do not count: they follow their files. */
export async function surveyPlan(
  root: string,
  writes: readonly PlannedWrite[],
): Promise<Map<PlannedWrite, 'target' | 'expected' | 'foreign'>> {
  const survey = new Map<PlannedWrite, 'target' | 'expected' | 'foreign'>();
  for (const write of writes) {
    const found = await pathState(root, write.path);
    const isTarget = found !== 'other' && sameState(found, write.target);
    const isExpected = found !== 'other' && sameState(found, write.expected);
    survey.set(write, isTarget ? 'target' : isExpected ? 'expected' : 'foreign');
  }
  return survey;
}

/**
 * Puts back what stood there before, in reverse order, wherever a path holds what the plan put there. What holds
 * neither is somebody else's, and left alone. Safe to repeat.
 */
export async function restorePlan(
  writer: PathWriter,
  writes: readonly PlannedWrite[],
): Promise<Map<PlannedWrite, WriteOutcome>> {
  const outcomes = new Map<PlannedWrite, WriteOutcome>();
  for (const write of [...writes].reverse()) {
    const temporary = temporaryPath(writer.undoId, write.path, write.ordinal);
    if (await isReached(writer.root, temporary)) await removeFile(join(writer.root, temporary));
    outcomes.set(write, await restorePath(writer, write));
  }
  return outcomes;
}

async function restorePath(writer: PathWriter, write: PlannedWrite): Promise<WriteOutcome> {
  const { path, ordinal, expected, target } = write;
  const found = await pathState(writer.root, path);
  if (found === 'other') return 'foreign';
  if (sameState(found, expected)) return 'untouched';
  // Where a directory takes a file's place, or the reverse, a crash may have come between the two.
  const between = found === null && expected !== null && target !== null;
  if (!sameState(found, target) && !between) return 'foreign';
  try {
    const moved = await writePath(writer, { path, ordinal, from: found, to: expected });
    // A directory with something in it that is not ours stays.
    return moved || target?.mode !== DIRECTORY ? 'restored' : 'untouched';
  } catch (error) {
    if (SignalboxError.is(error, 'UNDO_PATH_CHANGED') || SignalboxError.is(error, 'UNDO_PATH_UNSAFE')) return 'foreign';
    throw error;
  }
}
