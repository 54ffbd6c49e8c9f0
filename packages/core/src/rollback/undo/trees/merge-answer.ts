/** What git's merge left undecided at a path: 1 is the base, 2 ours, 3 theirs. */
export interface MergeStage {
  mode: string;
  oid: string;
  stage: 1 | 2 | 3;
  path: string;
}

export interface MergeMessage {
  paths: string[];
  /** Git's stable word, as `CONFLICT (contents)`. */
  type: string;
}

export interface MergedTrees {
  clean: boolean;
  /** Where it is not clean, with markers in the files that conflict. */
  tree: string;
  stages: MergeStage[];
  messages: MergeMessage[];
}

/**
 * Reads an answer of `git merge-tree --stdin` that begins at word `start`: status, tree, stages, an empty word, and
 * where it is not clean messages and an empty word. Null while words are missing.
 */
export function readMerge(words: readonly string[], start: number): { merged: MergedTrees; next: number } | null {
  const [status, tree] = words.slice(start, start + 2);
  if (status === undefined || tree === undefined) return null;
  const clean = status === '1';
  const body = readBody(words, start + 2, clean);
  return body && { merged: { clean, tree, stages: body.stages, messages: body.messages }, next: body.next };
}

/** Reads what `git merge-tree -z` says of one merge. */
export function readSingleMerge(text: string): MergedTrees {
  const words = text.split('\0').slice(0, -1);
  const [tree = ''] = words;
  // A clean merge is its tree and nothing else.
  const clean = words.length === 1;
  const body = clean ? { stages: [], messages: [] } : readBody([...words, ''], 1, false);
  if (!body || tree === '') throw new Error('git merge-tree gave an answer that cannot be read');
  return { clean, tree, stages: body.stages, messages: body.messages };
}

function readBody(
  words: readonly string[],
  start: number,
  clean: boolean,
): { stages: MergeStage[]; messages: MergeMessage[]; next: number } | null {
  const stages: MergeStage[] = [];
  let at = start;
  for (; words[at] !== ''; at++) {
    const word = words[at];
    if (word === undefined) return null;
    stages.push(readStage(word));
  }
  at += 1;
  const messages: MergeMessage[] = [];
  if (clean) return { stages, messages, next: at };
  while (words[at] !== '') {
    const count = Number(words[at]);
    const type = words[at + 1 + count];
    if (words[at + 2 + count] === undefined || type === undefined) return null;
    messages.push({ paths: words.slice(at + 1, at + 1 + count), type });
    at += 3 + count;
  }
  return { stages, messages, next: at + 1 };
}

function readStage(word: string): MergeStage {
  const tab = word.indexOf('\t');
  const [mode, oid, stage] = word.slice(0, tab).split(' ') as [string, string, string];
  return { mode, oid, stage: Number(stage) as 1 | 2 | 3, path: word.slice(tab + 1) };
}
