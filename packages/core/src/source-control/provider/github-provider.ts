import { z } from 'zod';
import type { Clock } from '../../platform/clock/clock.ts';
import { ProviderFailure, type PullRequestProvider } from './pull-request-provider.ts';

/** A request that is not answered by then has failed. */
const REQUEST_MS = 30_000;
const MOST_REASON = 500;

export interface GithubSettings {
  /** Of its REST API. */
  baseUrl: string;
  token: string;
}

interface GithubParts extends GithubSettings {
  clock: Clock;
  fetch: typeof fetch;
}

const repositorySchema = z.object({ default_branch: z.string() });
const pullSchema = z.object({ html_url: z.url(), number: z.int() });
const refusalSchema = z.object({
  message: z.string(),
  errors: z.array(z.object({ message: z.string() }).partial()).optional(),
});

/** GitHub, or a server of one's own that speaks as it does: what it holds is known by the host of a repository's address. */
export function githubProvider(parts: GithubParts): PullRequestProvider {
  const host = hostOf(parts.baseUrl);
  return {
    name: 'github',
    has: (address) => repositoryIn(address, host) !== null,
    open: async ({ remoteAddress, branch, title, body, labels }) => {
      const repository = repositoryIn(remoteAddress, host);
      if (!repository)
        throw new ProviderFailure(`${remoteAddress} is not on ${host}`, { code: 'NOT_ITS', mayPass: false });
      const path = `/repos/${repository.owner}/${repository.name}`;
      const ask = <S extends z.ZodType>(schema: S, method: string, below: string, sent?: object) =>
        request(parts, { schema, method, path: `${path}${below}`, sent });
      const head = `${repository.owner}:${branch}`;
      // Asked first: of an attempt whose answer was lost the pull request is there.
      const open = `/pulls?state=open&head=${encodeURIComponent(head)}`;
      const [there] = await ask(z.array(pullSchema), 'GET', open);
      if (there) return { url: there.html_url };
      const { default_branch: base } = await ask(repositorySchema, 'GET', '');
      const made = await ask(pullSchema, 'POST', '/pulls', { title, body, head: branch, base });
      if (labels.length > 0) await ask(z.unknown(), 'POST', `/issues/${made.number}/labels`, { labels });
      return { url: made.html_url };
    },
  };
}

/** Of repositories: github.com for the public API, else the host of the API. */
function hostOf(baseUrl: string): string {
  const { host } = new URL(baseUrl);
  return host === 'api.github.com' ? 'github.com' : host;
}

/** `https://host/owner/name.git`, `ssh://git@host/owner/name` or `git@host:owner/name`. */
function repositoryIn(address: string, host: string): { owner: string; name: string } | null {
  const [, at, owner, name] =
    /^(?:\w+:\/\/)?(?:[^/@\s]+@)?([^/\s]+?)[/:]([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(address) ?? [];
  return at?.toLowerCase() === host.toLowerCase() && owner !== undefined && name !== undefined ? { owner, name } : null;
}

async function request<S extends z.ZodType>(
  { baseUrl, token, clock, fetch }: GithubParts,
  { schema, method, path, sent }: { schema: S; method: string; path: string; sent: object | undefined },
): Promise<z.output<S>> {
  const [late, over] = [new AbortController(), new AbortController()];
  const lateness = new Error(`it did not answer within ${REQUEST_MS / 1_000} s`);
  const timed = clock.sleep(REQUEST_MS, over.signal).then(() => late.abort(lateness));
  try {
    const response = await fetch(`${baseUrl.replace(/\/+$/, '')}${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        'content-type': 'application/json',
        'user-agent': 'signalbox',
        authorization: `Bearer ${token}`,
      },
      // The token is for this host alone.
      redirect: 'error',
      signal: late.signal,
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    });
    const text = await response.text();
    if (!response.ok) throw refusalOf(response, text);
    const read = schema.safeParse(jsonOf(text));
    if (read.success) return read.data;
    throw new ProviderFailure('its answer is not as GitHub answers', { code: 'UNREADABLE', mayPass: false });
  } catch (error) {
    if (error instanceof ProviderFailure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProviderFailure(`it cannot be reached (${reason})`, { code: 'UNREACHABLE', mayPass: true });
  } finally {
    over.abort();
    await timed;
  }
}

function refusalOf({ status, headers }: Response, text: string): ProviderFailure {
  const said = refusalSchema.safeParse(jsonOf(text)).data;
  const reasons = [said?.message, ...(said?.errors ?? []).map(({ message }) => message)];
  const reason = reasons
    .filter((one) => one !== undefined)
    .join('; ')
    .slice(0, MOST_REASON);
  const isLimit = status === 403 && headers.get('x-ratelimit-remaining') === '0';
  const mayPass = status >= 500 || status === 429 || status === 408 || isLimit;
  return new ProviderFailure(`it answered ${status}${reason === '' ? '' : ` (${reason})`}`, {
    code: String(status),
    mayPass,
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
