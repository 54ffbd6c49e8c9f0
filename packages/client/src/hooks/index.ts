import { type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import type { components } from '../generated/api.ts';

/**
 * What hooks of agents report with: a module of its own that imports next to nothing, since a person waits at each tool call
 * for a process that starts with it. For Node alone.
 */
export type HookAnswer = components['schemas']['HookAnswer'];
export type ReportHook = components['schemas']['ReportHook'];

export interface HookTarget {
  baseUrl: string;
  token?: string | undefined;
  project?: string | undefined;
  actor?: string | undefined;
}

/** What became of a report. `refused`: the server does not take this event, and never will. */
export type HookDelivery =
  | { outcome: 'answered'; answer: HookAnswer }
  | { outcome: 'refused'; reason: string }
  | { outcome: 'unreachable'; reason: string; timedOut: boolean };

/** Statuses that say that it is the event that is wrong; with all others it may be taken later. */
const NEVER = new Set([400, 413, 415, 422]);

/** Reports one event. Never rejects. */
export async function deliverHook(
  target: HookTarget,
  source: string,
  report: ReportHook,
  timeoutMs: number,
): Promise<HookDelivery> {
  try {
    const { status, text } = await post(target, `/api/v1/hooks/${source}`, JSON.stringify(report), timeoutMs);
    if (status === 200) return { outcome: 'answered', answer: JSON.parse(text) as HookAnswer };
    const reason = `${status} ${detailOf(text)}`;
    return NEVER.has(status) ? { outcome: 'refused', reason } : { outcome: 'unreachable', reason, timedOut: false };
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    return { outcome: 'unreachable', reason: error instanceof Error ? error.message : String(error), timedOut };
  }
}

async function post(
  { baseUrl, token, project, actor }: HookTarget,
  path: string,
  body: string,
  timeoutMs: number,
): Promise<{ status: number; text: string }> {
  const url = new URL(`${baseUrl.replace(/\/+$/, '')}${path}`);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(project ? { 'x-signalbox-project': project } : {}),
    ...(actor ? { 'x-signalbox-actor': actor } : {}),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
    const send = url.protocol === 'https:' ? overHttps : overHttp;
    const request = send(url, { method: 'POST', headers, signal }, resolve);
    request.once('error', (error) => reject(signal.aborted ? signal.reason : error));
    request.end(body);
  });
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode ?? 0, text };
}

function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === 'string' ? detail : text.slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}
