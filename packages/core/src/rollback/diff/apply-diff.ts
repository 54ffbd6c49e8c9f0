import { SignalboxError } from '../../platform/errors/index.ts';
import { cloneValue, setProperty } from './clone-value.ts';
import type { DiffEntry } from './diff-entry.ts';
import { type PathStep, parsePath } from './diff-path.ts';
import { isContainer } from './value-kind.ts';

/** What is to be done at one place, and below it. Children stand under their steps in the old value. */
interface Node {
  update?: DiffEntry;
  deleted?: boolean;
  /** New position in the same array. */
  moveTo?: number;
  children: Map<PathStep, Node>;
  /** By their steps in the new value. */
  creates: Map<PathStep, unknown>;
}

/**
 * What becomes of `value` by these changes; `value` and the changes are left as they are (RB-060). For all values,
 * `applyDiff(a, diffValues(a, b))` deeply equals `b` (RB-061).
 * @throws DIFF_NOT_APPLICABLE where a change names a place that `value` does not have
 */
export function applyDiff(value: unknown, changes: readonly DiffEntry[]): unknown {
  const root = makeNode();
  for (const change of changes) place(root, change);
  return applied(cloneValue(value), root, '');
}

function makeNode(): Node {
  return { children: new Map(), creates: new Map() };
}

function place(root: Node, change: DiffEntry): void {
  const steps = parsePath(change.path);
  const last = steps.at(-1);
  if (change.operation === 'create' && last !== undefined) {
    nodeAt(root, steps.slice(0, -1)).creates.set(last, change.newValue);
    return;
  }
  const node = nodeAt(root, steps);
  if (last === undefined || change.operation === 'update') node.update = change;
  else if (change.operation === 'delete') node.deleted = true;
  else node.moveTo = newPosition(change, steps);
}

function nodeAt(root: Node, steps: readonly PathStep[]): Node {
  let node = root;
  for (const step of steps) {
    const child: Node = node.children.get(step) ?? makeNode();
    node.children.set(step, child);
    node = child;
  }
  return node;
}

function newPosition({ path, metadata }: DiffEntry, steps: readonly PathStep[]): number {
  const target = parsePath(String(metadata?.to));
  const position = target.at(-1);
  const sameArray =
    target.length === steps.length && target.every((step, at) => at === steps.length - 1 || step === steps[at]);
  if (!sameArray || typeof position !== 'number') {
    throw new SignalboxError('DIFF_NOT_APPLICABLE', { path, reason: 'it moves out of its array' });
  }
  return position;
}

/** Changes `value`, which is our own copy, and answers what shall stand in its place. */
function applied(value: unknown, node: Node, path: string): unknown {
  if (node.update) return cloneValue(node.update.newValue);
  if (node.children.size === 0 && node.creates.size === 0) return value;
  if (!isContainer(value)) throw new SignalboxError('DIFF_NOT_APPLICABLE', { path, reason: 'nothing lies below it' });
  return Array.isArray(value) ? appliedToArray(value, node, path) : appliedToObject(value, node, path);
}

function appliedToObject(value: Record<string, unknown>, node: Node, path: string): Record<string, unknown> {
  for (const [step, child] of node.children) {
    const name = String(step);
    const below = `${path}.${name}`;
    if (!Object.hasOwn(value, name))
      throw new SignalboxError('DIFF_NOT_APPLICABLE', { path: below, reason: 'it is not there' });
    if (child.deleted) delete value[name];
    else setProperty(value, name, applied(value[name], child, below));
  }
  for (const [step, created] of node.creates) setProperty(value, String(step), cloneValue(created));
  return value;
}

function appliedToArray(value: unknown[], node: Node, path: string): unknown[] {
  const placed: [at: number, item: unknown][] = [];
  const removed = new Set<number>();
  for (const [step, child] of node.children) {
    const at = Number(step);
    const below = `${path}[${step}]`;
    if (!(at in value)) throw new SignalboxError('DIFF_NOT_APPLICABLE', { path: below, reason: 'it is not there' });
    value[at] = applied(value[at], child, below);
    if (child.moveTo !== undefined) placed.push([child.moveTo, value[at]]);
    if (child.deleted || child.moveTo !== undefined) removed.add(at);
  }
  const items = value.filter((_, at) => !removed.has(at));
  for (const [step, created] of node.creates) placed.push([Number(step), cloneValue(created)]);
  // From the lowest position up, so that each lands where it belongs once all stand.
  placed.sort(([a], [b]) => a - b);
  for (const [at, item] of placed) items.splice(at, 0, item);
  return items;
}
