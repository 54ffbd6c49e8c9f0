import type { Clock } from '../../platform/clock/clock.ts';
import type { Database } from '../../platform/database/index.ts';
import { Embedder } from './embedder.ts';
import { type EmbeddingSettings, embeddingSettingsSchema } from './embedding.ts';
import { localProvider } from './local-provider.ts';
import { openAiProvider } from './openai-provider.ts';
import { SemanticIndex } from './semantic-search.ts';

/** Search by meaning with the provider that was chosen. @throws ZodError for settings that make no sense */
export function openSemanticIndex(
  { database, clock, random }: { database: Database; clock: Clock; random: () => number },
  settings: EmbeddingSettings,
): SemanticIndex {
  const chosen = embeddingSettingsSchema.parse(settings);
  if (chosen.provider === 'none') return new SemanticIndex({ database, embedder: null });
  if (chosen.provider === 'local') {
    return new SemanticIndex({ database, embedder: new Embedder(localProvider(chosen.dimensions)) });
  }
  const provider = openAiProvider({ ...chosen, clock, random, fetch });
  return new SemanticIndex({ database, embedder: new Embedder(provider, chosen.batchSize) });
}
