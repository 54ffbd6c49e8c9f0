import { createHash } from 'node:crypto';

/**
 * The id of an acceptance criterion within its specification. It follows from its words, so that code and tests can name it wherever the
 * specification comes from; reworded, it is another one, and what named it before says nothing of it.
 */
export function criterionId(text: string): string {
  return `ac-${createHash('sha256').update(sameWords(text)).digest('hex').slice(0, 12)}`;
}

/** Case, white space and a full stop at the end make no other criterion. */
function sameWords(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replace(/\.$/, '').toLowerCase();
}
