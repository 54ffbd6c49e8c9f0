import { inspect } from 'node:util';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import { valueKind } from '../diff/index.ts';
import { type DiffBody, diffLines, diffWithin } from './diff-lines.ts';
import { diffSemantically } from './diff-semantic.ts';
import { summarise } from './diff-summary.ts';
import { maskConflict } from './mask-conflict.ts';
import type { RollbackConflict } from './rollback-conflict.ts';
import { valueText } from './value-text.ts';
import type { DiffType, VisualDiff } from './visual-diff.ts';

/** Characters of one side; longer ones are not drawn (RB-244). */
export const MAX_DRAWN = 4_000_000;
/** Characters above which two texts are compared word by word (RB-145). */
const CHARS_UP_TO = 100;
const CONTAINERS = new Set(['object', 'array', 'map', 'set']);

export interface DrawOptions {
  /** How to show it; by default what suits the values (RB-145). Objects may be shown by meaning, texts only as texts. */
  type?: DiffType;
  /** Hide secrets: for whatever leaves the program (RB-245). A secret that changed still shows as changed. */
  masked?: boolean;
}

/**
 * The two sides of a conflict beside each other.
 * @throws VISUAL_DIFF_FAILED {conflictPath, error}
 */
export function drawDiff(
  { ids }: { ids: Pick<Ids, 'uuid'> },
  given: RollbackConflict,
  { type, masked = false }: DrawOptions = {},
): VisualDiff {
  try {
    const conflict = masked ? maskConflict(given) : given;
    const drawn = draw(conflict.rollbackValue, conflict.currentValue, type);
    const { changes, metadata } = drawn;
    return { id: ids.uuid(), type: drawn.type, conflict, changes, summary: summarise(conflict, metadata), metadata };
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    throw new SignalboxError('VISUAL_DIFF_FAILED', { conflictPath: given.path, error }, { cause });
  }
}

/** RB-145. */
function typeFor(old: unknown, current: unknown): DiffType {
  if (typeof old === 'string' && typeof current === 'string') {
    if (old.includes('\n') || current.includes('\n')) return 'line';
    return Math.max(old.length, current.length) > CHARS_UP_TO ? 'word' : 'char';
  }
  return CONTAINERS.has(valueKind(old)) && valueKind(old) === valueKind(current) ? 'json' : 'semantic';
}

function draw(old: unknown, current: unknown, wanted: DiffType | undefined): DiffBody & { type: DiffType } {
  const type = wanted ?? typeFor(old, current);
  if (type === 'semantic') return { type, ...diffSemantically(old, current) };
  if (type === 'json') return drawJson(old, current);
  const [before, after] = [textOf(old), textOf(current)];
  return { type, ...(type === 'line' ? diffLines(before, after) : diffWithin(before, after, type)) };
}

/** What cannot be printed as JSON is compared word by word (RB-147). */
function drawJson(old: unknown, current: unknown): DiffBody & { type: DiffType } {
  let printed: [string, string];
  try {
    printed = [valueText(old, 2), valueText(current, 2)];
  } catch {
    const shown = [old, current].map((value) => inspect(value, { depth: Number.POSITIVE_INFINITY, sorted: true }));
    return { type: 'word', ...diffWithin(short(shown[0] as string), short(shown[1] as string), 'word') };
  }
  return { type: 'json', ...diffLines(short(printed[0]), short(printed[1])) };
}

function textOf(value: unknown): string {
  return short(typeof value === 'string' ? value : valueText(value));
}

function short(text: string): string {
  if (text.length > MAX_DRAWN) throw new Error(`it has ${text.length} characters, and ${MAX_DRAWN} can be shown`);
  return text;
}
