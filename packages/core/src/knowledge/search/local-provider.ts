import { createHash } from 'node:crypto';
import type { EmbeddingProvider } from './embedding.ts';

/** Letters of a piece of a word. */
const PIECE = 3;
/** What a whole word counts, and a piece of one. */
const WORD = 1;
const OF_PIECE = 0.3;

/**
 * Vectors from words and their pieces alone, by hashing: the same text has the same vector everywhere, and texts that share words are
 * near each other. It knows nothing of meaning, and says so by its model's name (KG-186).
 */
export function localProvider(dimensions = 256): EmbeddingProvider {
  return {
    id: 'local',
    model: 'word-hashing-1',
    dimensions,
    embed: async (texts) => ({ vectors: texts.map((text) => vectorOf(text, dimensions)), tokens: null }),
  };
}

function vectorOf(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  const add = (feature: string, weight: number) => {
    const hash = createHash('sha256').update(feature).digest();
    const place = hash.readUInt32LE(0) % dimensions;
    vector[place] = (vector[place] ?? 0) + ((hash[4] ?? 0) % 2 === 0 ? weight : -weight);
  };
  for (const word of wordsOf(text)) {
    add(word, WORD);
    for (let from = 0; from + PIECE < word.length; from += 1) add(`.${word.slice(from, from + PIECE)}`, OF_PIECE);
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** `readFileSync` is read, file, and sync. */
function wordsOf(text: string): string[] {
  const parted = text.replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2').replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2');
  return parted.toLowerCase().match(/[\p{L}\d]+/gu) ?? [];
}
