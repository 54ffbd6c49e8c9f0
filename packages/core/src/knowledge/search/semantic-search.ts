import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Database } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { readKnownEntities } from '../history/known-store.ts';
import { ENTITY_TYPES } from '../vocabulary/entity.ts';
import type { Embedder } from './embedder.ts';
import { spaceOf } from './embedding.ts';
import {
  embeddingsStamp,
  entitiesToEmbed,
  passingEntities,
  readEmbeddings,
  writeEmbeddings,
} from './embedding-store.ts';
import { entityText } from './entity-text.ts';
import { VectorIndex } from './vector-index.ts';

/** Entities that are read and written at once. */
const AT_ONCE = 500;
/** Of so many at once it is asked whether they are what is looked for. */
const ASKED_AT_ONCE = 5_000;
/** Projects whose vectors are kept in memory. */
const MOST_KEPT = 8;

export const embedGraphSchema = z.strictObject({
  /** At most so many now; those that are left are embedded by the next call. */
  limit: z.int().min(1).max(100_000).default(10_000),
});
export type EmbedGraph = z.input<typeof embedGraphSchema>;

export const embeddedGraphSchema = z.object({
  /** Provider, model and dimensions. */
  space: z.string(),
  embedded: z.int(),
  /** Whether there are more. */
  remaining: z.boolean(),
  totalTokens: z.int(),
  /** Dollars. */
  totalCost: z.number(),
});
export type EmbeddedGraph = z.infer<typeof embeddedGraphSchema>;

/** KG-252. */
export const semanticSearchSchema = z.strictObject({
  query: z.string().trim().min(1).max(8_000),
  entityTypes: z.array(z.enum(ENTITY_TYPES)).max(20).default([]),
  /** At least so near, from -1 to 1; inclusive. */
  similarity: z.number().min(-1).max(1).default(0),
  language: z.string().min(1).max(100).optional(),
  limit: z.int().min(1).max(500).default(20),
});
export type SemanticSearch = z.input<typeof semanticSearchSchema>;

export const semanticResultsSchema = z.object({
  results: z.array(
    z.object({
      entity: z.looseObject({ id: z.string(), type: z.string() }),
      similarity: z.number(),
      /** What of it was compared. */
      context: z.string(),
    }),
  ),
  metadata: z.object({ space: z.string(), totalResults: z.int(), indexSize: z.int() }),
});
export type SemanticResults = z.infer<typeof semanticResultsSchema>;

/** Search by meaning, with the embedding provider that was chosen; without one there is none (KG-186). */
export class SemanticIndex {
  readonly #database: Database;
  readonly #embedder: Embedder | null;
  readonly #kept = new LRUCache<string, { stamp: string; index: VectorIndex }>({ max: MOST_KEPT });

  constructor({ database, embedder }: { database: Database; embedder: Embedder | null }) {
    this.#database = database;
    this.#embedder = embedder;
  }

  /** Embeds what has no vector yet, or changed since. @throws EMBEDDINGS_OFF, EMBEDDING_FAILED, VALIDATION_FAILED, UNKNOWN_FIELD */
  async embed(projectId: string, input: EmbedGraph = {}): Promise<EmbeddedGraph> {
    const { limit } = parseInput(embedGraphSchema, input);
    const embedder = this.#on();
    const space = spaceOf(embedder.provider);
    const done = { embedded: 0, totalTokens: 0, totalCost: 0 };
    for (let after = ''; ; ) {
      const due = await entitiesToEmbed(this.#database, projectId, space, { after, limit: AT_ONCE });
      // What says nothing has no vector, and is passed by.
      const texts = due.flatMap((one) => {
        const text = entityText(one);
        return text === null ? [] : [{ id: one.entity.id, version: one.version, text }];
      });
      const now = texts.slice(0, limit - done.embedded);
      if (now.length > 0) {
        const { vectors, totalTokens, totalCost } = await embedder.embed(now.map(({ text }) => text));
        const rows = now.map(({ id, version }, n) => ({ id, version, vector: vectors[n] ?? [] }));
        await writeEmbeddings(this.#database, projectId, space, rows);
        done.embedded += now.length;
        done.totalTokens += totalTokens;
        done.totalCost += totalCost;
      }
      if (now.length < texts.length) return { space, ...done, remaining: true };
      if (due.length < AT_ONCE) return { space, ...done, remaining: false };
      after = due.at(-1)?.entity.id ?? after;
    }
  }

  /** What is nearest to a text, of what was embedded. @throws EMBEDDINGS_OFF, EMBEDDING_FAILED, VALIDATION_FAILED, UNKNOWN_FIELD */
  async search(projectId: string, input: SemanticSearch): Promise<SemanticResults> {
    const { query, entityTypes, similarity, language, limit } = parseInput(semanticSearchSchema, input);
    const embedder = this.#on();
    const space = spaceOf(embedder.provider);
    const index = await this.#current(projectId, space, embedder.provider.dimensions);
    const { vectors } = await embedder.embed([query]);
    const near = index.nearest(vectors[0] ?? [], similarity);
    const wanted: typeof near = [];
    for (let from = 0; from < near.length; from += ASKED_AT_ONCE) {
      const page = near.slice(from, from + ASKED_AT_ONCE);
      const ids = page.map(({ id }) => id);
      const passing = await passingEntities(this.#database, projectId, ids, { types: entityTypes, language });
      for (const one of page) if (passing.has(one.id)) wanted.push(one);
    }
    const shown = wanted.slice(0, limit);
    const ids = shown.map(({ id }) => id);
    const known = await readKnownEntities(this.#database, projectId, ids, null);
    const results = shown.flatMap(({ id, similarity: sure }) => {
      const found = known.get(id);
      return found ? [{ entity: found.entity, similarity: sure, context: entityText(found) ?? '' }] : [];
    });
    return { results, metadata: { space, totalResults: wanted.length, indexSize: index.size } };
  }

  #on(): Embedder {
    if (!this.#embedder) throw new SignalboxError('EMBEDDINGS_OFF', {});
    return this.#embedder;
  }

  async #current(projectId: string, space: string, dimensions: number): Promise<VectorIndex> {
    const key = `${projectId}\0${space}`;
    const stamp = await embeddingsStamp(this.#database, projectId, space);
    const known = this.#kept.get(key);
    if (known?.stamp === stamp) return known.index;
    const index = new VectorIndex(dimensions);
    for await (const { id, vector } of readEmbeddings(this.#database, projectId, space)) index.add(id, vector);
    this.#kept.set(key, { stamp, index });
    return index;
  }
}
