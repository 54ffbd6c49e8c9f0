import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type ApiHarness, openApi } from '../testing/api-harness.ts';
import {
  type ApiDocument,
  filledIn,
  type GeneratedRequest,
  requestArbitrary,
} from '../testing/requests/request-arbitrary.ts';
import { openApiDocument } from './document.ts';

/** Requests that are made; `SIGNALBOX_CASES` of them where it is given. Each run makes the same ones, unless given another seed. */
const CASES = Number(process.env.SIGNALBOX_CASES ?? 300);
const SEED = Number(process.env.SIGNALBOX_SEED ?? 5);
/** Milliseconds after which a request counts as one that is never answered. */
const HANGS = 60_000;
/** Bytes by which the heap may grow over each third of the requests but the first, in which caches fill: of 10,000, 5 KB each. */
const GROWTH = 16 * 2 ** 20;
/** Handles that may be open at the end more than after a third: work in the background comes and goes. */
const HANDLES = 40;
/** It writes the whole database, and has tests of its own. */
const LEFT = new Set(['exportDatabase']);
/** What an answer to anybody must not say: where the program is, or what it asks the database. */
const INSIDES = /\n\s+at |node_modules|packages\/\w+\/src|\bSELECT\b.*\bFROM\b|\bINSERT INTO\b|syntax error at/;

let api: ApiHarness;
/** Ids of what was made, by what stands before them in paths. */
const made = new Map<string, string[]>();
const remember = (noun: string, id: string) => {
  made.set(noun, [...(made.get(noun) ?? []).slice(-20), id]);
};

beforeAll(async () => {
  api = await openApi({ environment: { SIGNALBOX_RATE_LIMIT: '0' } });
  const path = mkdtempSync(join(tmpdir(), 'signalbox-generated-'));
  const bodies: Record<string, object> = {
    workspaces: { path },
    sessions: { title: 'There before', initialPrompt: 'x' },
    tasks: { type: 'there.before' },
    agents: { id: 'there', type: 'coder' },
    budgets: { name: 'there', owner: { scope: 'project' }, limits: { tokens: 1_000_000 } },
    policies: { document: { name: 'there', rules: [], default: 'allow' } },
    approvals: { summary: 'There before', sessionId: null, arguments: {} },
  };
  for (const [noun, body] of Object.entries(bodies)) {
    const { json } = await api.call('POST', `/api/v1/${noun}`, { body });
    for (const id of [json.id, json.name, json.taskId]) if (typeof id === 'string') remember(noun, id);
  }
  expect([...made.keys()]).toEqual(expect.arrayContaining(['workspaces', 'sessions', 'tasks', 'budgets', 'policies']));
});
afterAll(() => api.close());

function idFor({ name, number }: { name: string; number: number }): string {
  const noun = name.replace(/Ids?$/, '').toLowerCase();
  const [, ids] = [...made].find(([known]) => known.startsWith(noun)) ?? ['', []];
  const all = ids.length > 0 ? ids : [...made.values()].flat();
  return all[number % all.length] ?? 'nothing';
}

/** Also of what is no text: halves of characters have no UTF-8. */
function escaped(value: unknown): string {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value) ?? '');
  return encodeURIComponent(text.toWellFormed());
}

async function make({ method, path, parameters, query, headers, body }: GeneratedRequest): Promise<Answer> {
  const given = filledIn({ parameters, query, body }, idFor) as Pick<GeneratedRequest, 'parameters' | 'query' | 'body'>;
  const place = path.replace(/\{(\w+)\}/g, (_all, name: string) => escaped(given.parameters[name]) || '%20');
  const asked = given.query.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join('&');
  const content =
    given.body === null ? {} : 'raw' in given.body ? { raw: given.body.raw } : { body: given.body.json ?? null };
  const answer = await api.call(method, asked === '' ? place : `${place}?${asked}`, { ...content, headers });
  const noun = path.split('/').findLast((part) => part !== '' && !part.startsWith('{')) ?? '';
  if (method === 'POST' && answer.status < 300) {
    for (const id of [answer.json?.id, answer.json?.name]) if (typeof id === 'string') remember(noun, id);
  }
  return answer;
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

async function answeredInTime(request: GeneratedRequest): Promise<Answer | 'hangs'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'hangs'>((resolve) => {
    timer = setTimeout(resolve, HANGS, 'hangs');
  });
  try {
    return await Promise.race([make(request), late]);
  } finally {
    clearTimeout(timer);
  }
}

test('whatever is asked of the documented operations is answered, without a defect, without its insides, in flat memory', async () => {
  const requests = fc.sample(requestArbitrary(openApiDocument() as unknown as ApiDocument, LEFT), {
    numRuns: CASES,
    seed: SEED,
  });
  const wrong: unknown[] = [];
  const statuses = new Map<number, number>();
  const third = Math.ceil(CASES / 3);
  const heaps: number[] = [];
  let handlesThen = 0;
  for (const [index, request] of requests.entries()) {
    const answer = await answeredInTime(request);
    const status = answer === 'hangs' ? 0 : answer.status;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const text = answer === 'hangs' ? 'hangs' : answer.text;
    const isProblem = answer !== 'hangs' && (status < 400 || typeof answer.json?.code === 'string');
    if (status === 0 || status >= 500 || !isProblem || (status >= 400 && INSIDES.test(text)))
      wrong.push({ index, status, text: text.slice(0, 500), request: JSON.stringify(request).slice(0, 2_000) });
    if ((index + 1) % third !== 0 && index + 1 !== CASES) continue;
    if (heaps.length === 0) handlesThen = process.getActiveResourcesInfo().length;
    heaps.push(heapAfterCollection());
  }
  console.info('heap after each third, MB:', heaps.map((heap) => Math.round(heap / 2 ** 20)).join(' '));
  expect(wrong).toEqual([]);
  // They got past the border: many did what they asked for.
  const done = [...statuses].filter(([status]) => status < 300).reduce((sum, [, count]) => sum + count, 0);
  expect(done).toBeGreaterThan(CASES / 10);
  const grown = heaps.slice(1).map((heap, before) => heap - (heaps[before] ?? 0));
  expect([grown.length, grown.filter((bytes) => bytes >= GROWTH)]).toEqual([2, []]);
  expect(process.getActiveResourcesInfo().length - handlesThen).toBeLessThan(HANDLES);
  expect((await api.call('GET', '/health')).status).toBe(200);
}, 3_600_000);
