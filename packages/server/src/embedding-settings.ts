import type { EmbeddingSettings } from '@signalbox/core';

interface Values {
  provider: 'none' | 'local' | 'openai';
  baseUrl: string;
  apiKey: string | null;
  model: string;
  dimensions: number;
}

/** @throws where a key is missing that the provider needs */
export function embeddingSettings({ provider, baseUrl, apiKey, model, dimensions }: Values): EmbeddingSettings {
  if (provider === 'none') return { provider };
  if (provider === 'local') return { provider, dimensions };
  if (apiKey === null)
    throw new Error(
      'embeddings.provider is "openai", so set embeddings.apiKey, too (any text, where the server needs none).',
    );
  return { provider, baseUrl, apiKey, model, dimensions };
}
