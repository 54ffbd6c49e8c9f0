import { z } from 'zod';
import type { Clock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { EmbeddedTexts, EmbeddingProvider } from './embedding.ts';

/** A request that is not answered by then has failed. */
const REQUEST_MS = 60_000;
/** Longest that is waited before another try, whatever the server asks for. */
const MOST_WAIT_MS = 60_000;

interface OpenAiParts {
  baseUrl: string;
  apiKey: string;
  model: string;
  dimensions: number;
  maxRetries: number;
  retryDelayMs: number;
  clock: Clock;
  /** From 0 up to 1: so that not all try again at once. */
  random: () => number;
  fetch: typeof fetch;
}

const answerSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()) })),
  usage: z.object({ total_tokens: z.int().min(0) }).optional(),
});

/** Of any server that speaks as OpenAI's does. What is amiss with a call is told at once; what may pass is tried again (KG-188). */
export function openAiProvider(parts: OpenAiParts): EmbeddingProvider {
  const { model, dimensions } = parts;
  return {
    id: 'openai',
    model,
    dimensions,
    embed: async (texts, signal) => {
      for (let tries = 0; ; tries += 1) {
        const told = await ask(parts, texts, signal);
        if ('vectors' in told) return told;
        if (!told.mayPass || tries === parts.maxRetries)
          throw new SignalboxError('EMBEDDING_FAILED', { reason: told.reason });
        const pause = told.waitMs ?? parts.retryDelayMs * 2 ** tries * (1 + parts.random());
        await parts.clock.sleep(Math.min(pause, MOST_WAIT_MS), signal);
        signal?.throwIfAborted();
      }
    },
  };
}

interface Failed {
  reason: string;
  mayPass: boolean;
  /** As the server asks for. */
  waitMs: number | null;
}

async function ask(
  parts: OpenAiParts,
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<EmbeddedTexts | Failed> {
  const { baseUrl, apiKey, model, dimensions } = parts;
  const [late, over] = [new AbortController(), new AbortController()];
  const lateness = new Error(`it did not answer within ${REQUEST_MS / 1_000} s`);
  const timed = parts.clock.sleep(REQUEST_MS, over.signal).then(() => late.abort(lateness));
  try {
    const response = await parts.fetch(`${baseUrl.replace(/\/+$/, '')}/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ model, dimensions, input: texts }),
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
    });
    if (!response.ok) {
      await response.body?.cancel();
      const mayPass = response.status === 429 || response.status >= 500;
      return { reason: `it answered ${response.status}`, mayPass, waitMs: waitOf(response) };
    }
    const read = answerSchema.safeParse(await response.json());
    if (!read.success) return { reason: 'its answer is none of vectors', mayPass: false, waitMs: null };
    return checked(read.data, texts.length, dimensions);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SyntaxError) return { reason: 'its answer is no JSON', mayPass: false, waitMs: null };
    // Also an answer that breaks off.
    const reason = `it cannot be reached (${error instanceof Error ? error.message : error})`;
    return { reason, mayPass: true, waitMs: null };
  } finally {
    over.abort();
    await timed;
  }
}

function checked(
  { data, usage }: z.infer<typeof answerSchema>,
  texts: number,
  dimensions: number,
): EmbeddedTexts | Failed {
  const vectors = [...data].sort((a, b) => a.index - b.index).map(({ embedding }) => embedding);
  const wrong = vectors.find((vector) => vector.length !== dimensions);
  const reason = wrong
    ? `its vectors have ${wrong.length} dimensions, not ${dimensions}`
    : `it gave ${vectors.length} vectors for ${texts} texts`;
  if (wrong || vectors.length !== texts) return { reason, mayPass: false, waitMs: null };
  return { vectors, tokens: usage?.total_tokens ?? null };
}

/** `Retry-After` in seconds. */
function waitOf(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
}
