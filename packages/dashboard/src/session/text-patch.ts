import { createTwoFilesPatch } from 'diff';

/** Longer than this a comparison would stop the page: then both texts are told to differ, no more. */
const LONGEST_MS = 400;

/** A diff of two texts, and how many lines it adds and deletes. */
export interface TextPatch {
  diff: string;
  additions: number;
  deletions: number;
}

/** From one text to another as a unified diff. Null where they differ too much to be compared in time. */
export function textPatch(path: string, before: string, after: string): TextPatch | null {
  const diff = createTwoFilesPatch(path, path, before, after, '', '', { context: 3, timeout: LONGEST_MS });
  if (diff === undefined) return null;
  let additions = 0;
  let deletions = 0;
  let inside = false;
  for (const line of diff.split('\n')) {
    if (line.startsWith('@@')) inside = true;
    else if (inside && line.startsWith('+')) additions++;
    else if (inside && line.startsWith('-')) deletions++;
  }
  return { diff, additions, deletions };
}
