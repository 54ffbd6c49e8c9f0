import type { GithubSettings } from '@signalbox/core';

/** Undefined where nobody gave a token. */
export function githubSettings({
  githubUrl,
  githubToken,
}: {
  githubUrl: string;
  githubToken: string | null;
}): GithubSettings | undefined {
  return githubToken === null ? undefined : { baseUrl: githubUrl, token: githubToken };
}
