import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { SignalboxError } from '../../platform/errors/index.ts';
import { costOf, type EmbeddingProvider, spaceOf } from './embedding.ts';

/** Vectors that are remembered: some six kilobytes each. */
const MOST_CACHED = 5_000;
/** Characters of a token, about, where the provider does not count them. */
const PER_TOKEN = 4;

export interface EmbeddedBatch {
  /** Of each text, in their order. */
  vectors: number[][];
  totalTokens: number;
  /** Dollars. */
  totalCost: number;
}

export interface EmbedderStatistics {
  space: string;
  /** Texts that were asked for, */
  requests: number;
  /** and of these how many were known. */
  hits: number;
  cached: number;
}

/** A provider with a memory (KG-182…189). */
export class Embedder {
  readonly provider: EmbeddingProvider;
  readonly #batchSize: number;
  readonly #known = new LRUCache<string, number[]>({ max: MOST_CACHED });
  #requests = 0;
  #hits = 0;

  constructor(provider: EmbeddingProvider, batchSize = 100) {
    this.provider = provider;
    this.#batchSize = batchSize;
  }

  /** @throws VALIDATION_FAILED for texts of nothing but blanks, EMBEDDING_FAILED */
  async embed(texts: readonly string[], signal?: AbortSignal): Promise<EmbeddedBatch> {
    const blank = texts.findIndex((text) => text.trim() === '');
    if (blank >= 0) throw new SignalboxError('VALIDATION_FAILED', { reason: `text ${blank}: Content cannot be empty` });
    const keys = texts.map((text) => this.#keyOf(text));
    const found = new Map<string, number[]>();
    const asked = new Map<string, string>();
    texts.forEach((text, n) => {
      const key = keys[n] ?? '';
      const known = this.#known.get(key);
      this.#requests += 1;
      if (known) {
        this.#hits += 1;
        found.set(key, known);
      } else asked.set(key, text);
    });
    let totalTokens = 0;
    const waiting = [...asked];
    for (let from = 0; from < waiting.length; from += this.#batchSize) {
      const batch = waiting.slice(from, from + this.#batchSize);
      const { vectors, tokens } = await this.provider.embed(
        batch.map(([, text]) => text),
        signal,
      );
      totalTokens += tokens ?? batch.reduce((sum, [, text]) => sum + Math.ceil(text.length / PER_TOKEN), 0);
      batch.forEach(([key], n) => {
        const vector = vectors[n];
        if (!vector) throw new SignalboxError('EMBEDDING_FAILED', { reason: 'it gave too few vectors' });
        this.#known.set(key, vector);
        found.set(key, vector);
      });
    }
    const vectors = keys.map((key) => found.get(key) ?? []);
    return { vectors, totalTokens, totalCost: costOf(this.provider, totalTokens) };
  }

  get statistics(): EmbedderStatistics {
    return { space: spaceOf(this.provider), requests: this.#requests, hits: this.#hits, cached: this.#known.size };
  }

  #keyOf(text: string): string {
    return `${spaceOf(this.provider)}\0${createHash('sha256').update(text).digest('hex')}`;
  }
}
