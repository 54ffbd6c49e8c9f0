/** A piece of text that takes the place of another. */
interface Replacement {
  before: string;
  after: string;
  /** Everywhere, not only where it stands once. */
  all: boolean;
}

/** What a call of an agent's tool would make of a file. */
export type ProposedChange =
  | { kind: 'write'; path: string; content: string }
  | { kind: 'edit'; path: string; replacements: readonly Replacement[] }
  | { kind: 'patch'; text: string };

/**
 * What the arguments of a call say that it would change; null where they say nothing of it, as those of commands. Tools of
 * different agents name the same things differently.
 */
export function proposedChange(given: Readonly<Record<string, unknown>>): ProposedChange | null {
  const patch = textIn(given, 'patchText', 'patch');
  if (patch !== null) return { kind: 'patch', text: patch };
  const path = textIn(given, 'filePath', 'file_path', 'path');
  if (path === null) return null;
  const content = textIn(given, 'content');
  if (content !== null) return { kind: 'write', path, content };
  const edits = Array.isArray(given.edits) ? given.edits : [given];
  const replacements = edits.map(replacementIn);
  return replacements.length > 0 && replacements.every((one) => one !== null)
    ? { kind: 'edit', path, replacements }
    : null;
}

function replacementIn(edit: unknown): Replacement | null {
  if (typeof edit !== 'object' || edit === null) return null;
  const given = edit as Readonly<Record<string, unknown>>;
  const before = textIn(given, 'oldString', 'old_string');
  const after = textIn(given, 'newString', 'new_string');
  if (before === null || after === null) return null;
  return { before, after, all: given.replaceAll === true || given.replace_all === true };
}

function textIn(given: Readonly<Record<string, unknown>>, ...names: readonly string[]): string | null {
  const value = names.map((name) => given[name]).find((one) => typeof one === 'string');
  return typeof value === 'string' ? value : null;
}

/**
 * What a file would hold after the change; null where that cannot be told, since a piece to be replaced is not in it.
 * @param before what it holds; null where it is not there.
 */
export function changedText(change: Exclude<ProposedChange, { kind: 'patch' }>, before: string | null): string | null {
  if (change.kind === 'write') return change.content;
  let text = before ?? '';
  for (const { before: old, after, all } of change.replacements) {
    // Without an old text the new one is the file, as the tools have it.
    if (old === '' && text === '') text = after;
    else if (old === '' || !text.includes(old)) return null;
    else text = all ? text.replaceAll(old, () => after) : text.replace(old, () => after);
  }
  return text;
}

/** A path as it stands in the directory; null where it leads out of it. */
export function pathWithin(directory: string, path: string): string | null {
  const inside = path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;
  const parts = inside.split('/').filter((part) => part !== '' && part !== '.');
  return inside.startsWith('/') || parts.includes('..') || parts.length === 0 ? null : parts.join('/');
}
