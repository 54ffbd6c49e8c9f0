import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { ProviderFailure, type PullRequestProvider, type PullRequestWanted } from './pull-request-provider.ts';

/** How often a provider is asked again, and for how long is waited before, at first and at most. */
const RETRIES = 2;
const MOST_DELAY_MS = 30_000;

export interface Asked {
  url: string | null;
  /** How often it was asked again. */
  retryAttempts: number;
  failure: ProviderFailure | null;
}

/** Asks again where that may help; of a refusal it does not (KG-309). @param firstDelayMs how long is waited before it is asked again */
export async function askProvider(
  provider: PullRequestProvider,
  wanted: PullRequestWanted,
  firstDelayMs: number,
): Promise<Asked> {
  const policy = retry(
    handleWhen((error) => error instanceof ProviderFailure && error.mayPass),
    { maxAttempts: RETRIES, backoff: new ExponentialBackoff({ initialDelay: firstDelayMs, maxDelay: MOST_DELAY_MS }) },
  );
  let retryAttempts = 0;
  policy.onRetry(() => {
    retryAttempts += 1;
  });
  try {
    const { url } = await policy.execute(() => provider.open(wanted));
    return { url, retryAttempts, failure: null };
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    return { url: null, retryAttempts, failure: error };
  }
}
