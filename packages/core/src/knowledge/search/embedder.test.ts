import { expect, it } from 'vitest';
import { ManualClock } from '../../testing/index.ts';
import { Embedder } from './embedder.ts';
import type { EmbeddingProvider } from './embedding.ts';
import { localProvider } from './local-provider.ts';
import { openAiProvider } from './openai-provider.ts';

/** A provider that notes what it is asked for: the length of each text, twice. */
function counting(asked: string[][]): EmbeddingProvider {
  const embed = async (texts: readonly string[]) => {
    asked.push([...texts]);
    return { vectors: texts.map((text) => [text.length, text.length]), tokens: null };
  };
  return { id: 'counting', model: 'm', dimensions: 2, embed };
}

it('scenario 19: what is known is not asked for, what stands twice is asked for once, and answers stand as the texts do', async () => {
  const asked: string[][] = [];
  const embedder = new Embedder(counting(asked));
  await embedder.embed(['yy']);
  const { vectors, totalTokens } = await embedder.embed(['x', 'yy', 'x', 'zzz']);
  expect(vectors).toEqual([
    [1, 1],
    [2, 2],
    [1, 1],
    [3, 3],
  ]);
  expect(asked).toEqual([['yy'], ['x', 'zzz']]);
  expect(totalTokens).toBe(2);
  expect(embedder.statistics).toEqual({ space: 'counting/m/2', requests: 5, hits: 1, cached: 3 });
  await expect(embedder.embed(['x', '  '])).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    message: expect.stringContaining('text 1: Content cannot be empty'),
  });
});

it('asks in batches', async () => {
  const asked: string[][] = [];
  await new Embedder(counting(asked), 2).embed(['a', 'bb', 'ccc', 'dddd', 'eeeee']);
  expect(asked.map((batch) => batch.length)).toEqual([2, 2, 1]);
});

interface Said {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A server that gives these answers, one after the other. */
function served(answers: Said[]) {
  const clock = new ManualClock();
  const requests: { url: string; body: Record<string, unknown>; authorization: string | null }[] = [];
  const fetched: typeof fetch = async (url, init) => {
    const body = JSON.parse(String(init?.body));
    requests.push({ url: String(url), body, authorization: new Headers(init?.headers).get('authorization') });
    const { status, body: answer, headers } = answers.shift() ?? { status: 500 };
    return new Response(answer === undefined ? null : JSON.stringify(answer), {
      status,
      ...(headers ? { headers } : {}),
    });
  };
  const provider = openAiProvider({
    ...{ baseUrl: 'http://127.0.0.1:1/v1/', apiKey: 'k', model: 'text-embedding-3-small', dimensions: 2 },
    ...{ maxRetries: 2, retryDelayMs: 1_000, clock, random: () => 0, fetch: fetched },
  });
  return { provider, requests, clock };
}
const vectors = (...given: number[][]) => ({
  data: given.map((embedding, index) => ({ index, embedding })).reverse(),
  usage: { total_tokens: 7 },
});

it('scenario 18: what may pass is tried again, as late as the server asks for, and comes to one result', async () => {
  const { provider, requests, clock } = served([
    { status: 429, headers: { 'retry-after': '3' } },
    { status: 503 },
    { status: 200, body: vectors([1, 0], [0, 1]) },
  ]);
  const embedded = new Embedder(provider).embed(['one', 'two']);
  await expect.poll(() => requests.length).toBe(1);
  await clock.advance(2_999);
  expect(requests.length).toBe(1);
  await clock.advance(1);
  await expect.poll(() => requests.length).toBe(2);
  await clock.advance(2_000);
  expect(await embedded).toEqual({
    vectors: [
      [1, 0],
      [0, 1],
    ],
    totalTokens: 7,
    totalCost: expect.closeTo(0.00000014, 12),
  });
  expect(requests[2]).toEqual({
    url: 'http://127.0.0.1:1/v1/embeddings',
    body: { model: 'text-embedding-3-small', dimensions: 2, input: ['one', 'two'] },
    authorization: 'Bearer k',
  });
});

it('waits no longer than a minute, whatever the server asks for', async () => {
  const answers = [
    { status: 429, headers: { 'retry-after': '86400' } },
    { status: 200, body: vectors([1, 0]) },
  ];
  const { provider, requests, clock } = served(answers);
  const embedded = provider.embed(['one']);
  await expect.poll(() => requests.length).toBe(1);
  await clock.advance(59_999);
  expect(requests.length).toBe(1);
  await clock.advance(1);
  expect((await embedded).vectors).toEqual([[1, 0]]);
});

it('a request that is not answered within a minute has failed; whoever asks may break it off before', async () => {
  const clock = new ManualClock();
  let waiting = 0;
  const provider = openAiProvider({
    ...{ baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'k', model: 'text-embedding-3-small', dimensions: 2 },
    ...{ maxRetries: 0, retryDelayMs: 10, clock, random: () => 0 },
    fetch: (_url, init) => {
      waiting += 1;
      return new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true });
      });
    },
  });
  const late = provider.embed(['one']).catch((error: unknown) => error);
  await expect.poll(() => waiting).toBe(1);
  await clock.advance(60_000);
  expect(await late).toMatchObject({
    code: 'EMBEDDING_FAILED',
    details: { reason: expect.stringContaining('within 60 s') },
  });
  const caller = new AbortController();
  const stopped = provider.embed(['one'], caller.signal).catch((error: unknown) => error);
  await expect.poll(() => waiting).toBe(2);
  caller.abort(new Error('enough'));
  expect(await stopped).toEqual(new Error('enough'));
});

it('KG-186, 188: what is amiss is an error at once, and never a vector', async () => {
  const failed = { code: 'EMBEDDING_FAILED' };
  for (const answer of [
    { status: 401 },
    { status: 200, body: vectors([1, 2, 3]) },
    { status: 200, body: vectors([1, 2], [3, 4]) },
    { status: 200, body: {} },
  ]) {
    const { provider, requests } = served([answer]);
    await expect(new Embedder(provider).embed(['one'])).rejects.toMatchObject(failed);
    expect(requests.length).toBe(1);
  }
});

it('an answer that breaks off is asked for again, one that is no JSON is not', async () => {
  const clock = new ManualClock();
  const broken = new ReadableStream({ start: (stream) => stream.error(new TypeError('terminated')) });
  const answers = [new Response(broken), Response.json(vectors([1, 0])), new Response('<html>')];
  const provider = openAiProvider({
    ...{ baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'k', model: 'text-embedding-3-small', dimensions: 2 },
    ...{ maxRetries: 1, retryDelayMs: 10, clock, random: () => 0 },
    fetch: async () => answers.shift() ?? Response.error(),
  });
  const embedded = provider.embed(['one']);
  const left = async () => {
    await clock.advance(10);
    return answers.length;
  };
  await expect.poll(left).toBe(1);
  expect((await embedded).vectors).toEqual([[1, 0]]);
  await expect(provider.embed(['one'])).rejects.toMatchObject({
    code: 'EMBEDDING_FAILED',
    details: { reason: 'its answer is no JSON' },
  });
});

it('the local provider says what it is; the same text has the same vector, and shared words make texts alike', async () => {
  const provider = localProvider(64);
  expect([provider.id, provider.model, provider.dimensions]).toEqual(['local', 'word-hashing-1', 64]);
  const { vectors: found } = await provider.embed(['readFileSync', 'read a file', 'readFileSync', 'paint the wall']);
  const [first = [], near = [], same = [], far = []] = found;
  const cosine = (a: number[], b: number[]) => a.reduce((sum, value, n) => sum + value * (b[n] ?? 0), 0);
  expect(same).toEqual(first);
  expect(Math.hypot(...first)).toBeCloseTo(1, 9);
  expect(cosine(first, near)).toBeGreaterThan(cosine(first, far) + 0.3);
});
