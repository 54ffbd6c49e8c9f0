import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpError } from './error-table.ts';

/** Failed attempts to come in, a minute and address; guessing 256 bits is hopeless, but it need not be let try. */
const FAILURES = 60;

export interface RateLimits {
  /** Counts a request of a known caller. @throws RATE_LIMITED */
  count(request: FastifyRequest): Promise<void>;
  /** Counts a failed attempt to come in. @throws RATE_LIMITED */
  countFailure(request: FastifyRequest): Promise<void>;
}

/** @param max requests a minute for each caller; 0 is unlimited. */
export async function rateLimits(app: FastifyInstance, max: number): Promise<RateLimits> {
  await app.register(rateLimit, { global: false, timeWindow: 60_000 });
  const callers = app.createRateLimit({ max, keyGenerator: (request) => request.principal.rateKey ?? '' });
  const failures = app.createRateLimit({ max: FAILURES, keyGenerator: (request) => `failed ${request.ip}` });
  return {
    count: async (request) => {
      if (max > 0 && request.principal.rateKey !== null) refuse(await callers(request));
    },
    countFailure: async (request) => refuse(await failures(request)),
  };
}

function refuse(limit: Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>): void {
  if (limit.isAllowed || !limit.isExceeded) return;
  const seconds = Math.max(1, limit.ttlInSeconds);
  throw new HttpError('RATE_LIMITED', { limit: limit.max, seconds }, { headers: { 'retry-after': String(seconds) } });
}
