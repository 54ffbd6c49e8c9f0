import { z } from 'zod';

/** Turns texts into vectors. Each makes a space of its own: vectors of different ones are never compared (KG-190). */
export interface EmbeddingProvider {
  /** Such as `local` or `openai`. */
  readonly id: string;
  readonly model: string;
  readonly dimensions: number;
  /** A vector for each text, in their order. @throws EMBEDDING_FAILED */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<EmbeddedTexts>;
}

export interface EmbeddedTexts {
  vectors: number[][];
  /** As the provider counts them; null where it does not. */
  tokens: number | null;
}

/** Names the space in which a provider's vectors stand. */
export function spaceOf({ id, model, dimensions }: Pick<EmbeddingProvider, 'id' | 'model' | 'dimensions'>): string {
  return `${id}/${model}/${dimensions}`;
}

const DOLLARS_PER_1000 = new Map([
  ['text-embedding-3-small', 0.00002],
  ['text-embedding-3-large', 0.00013],
  ['text-embedding-ada-002', 0.0001],
]);

/** What so many tokens cost in dollars (KG-183); an unknown model as the smallest, and the local one nothing. */
export function costOf(provider: Pick<EmbeddingProvider, 'id' | 'model'>, tokens: number): number {
  if (provider.id === 'local') return 0;
  return (tokens / 1_000) * (DOLLARS_PER_1000.get(provider.model) ?? 0.00002);
}

/** KG-180. Without a provider there is no semantic search: nothing is ever made up (KG-186). */
export const embeddingSettingsSchema = z.discriminatedUnion('provider', [
  z.strictObject({ provider: z.literal('none') }),
  z.strictObject({ provider: z.literal('local'), dimensions: z.int().min(8).max(4_096).default(256) }),
  z.strictObject({
    provider: z.literal('openai'),
    /** Of any server that speaks as OpenAI's does. */
    baseUrl: z.url().default('https://api.openai.com/v1'),
    apiKey: z.string().min(1),
    model: z.string().min(1).default('text-embedding-3-small'),
    dimensions: z.int().min(1).max(10_000).default(1_536),
    batchSize: z.int().min(1).max(2_048).default(100),
    maxRetries: z.int().min(0).max(10).default(3),
    retryDelayMs: z.int().min(1).max(60_000).default(1_000),
  }),
]);
export type EmbeddingSettings = z.input<typeof embeddingSettingsSchema>;
