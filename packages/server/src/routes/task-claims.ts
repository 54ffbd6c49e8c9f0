import { type Claim, type ClaimRef, parseInput, SignalboxError, type TaskQueue } from '@signalbox/core';
import * as contract from '../contract/task-claims.ts';
import { hangUpOf } from '../http/hang-up.ts';
import type { Serve } from '../http/serve.ts';

/** The verbs of agents: each holds its claims by task and token. */
export function taskClaimRoutes(serve: Serve, tasks: TaskQueue): void {
  serve(contract.claimTasks, async ({ body }, { projectId, request }) => {
    const { waitSeconds, types = null, ...asked } = body;
    const { signal, forget } = hangUpOf(request);
    try {
      const claims = await tasks.claim(projectId, { ...asked, types, waitMs: waitSeconds * 1_000, signal });
      if (!signal.aborted) return { items: claims.map(toWire) };
      // Nobody is there any more to work on them.
      await Promise.all(claims.map((claim) => tasks.release(claim)));
      return { items: [] };
    } finally {
      forget();
    }
  });
  serve(contract.heartbeatTasks, async ({ body }, { projectId }) => {
    const claims = body.claims.map((claim) => ({ projectId, ...claim }));
    return { lost: (await tasks.heartbeat(claims, body.leaseSeconds)).map(refOf) };
  });
  serve(contract.completeTasks, async ({ body }, { projectId }) => {
    const outcomes = await Promise.allSettled(
      body.claims.map(({ taskId, token, result }) => tasks.complete({ projectId, taskId, token }, result)),
    );
    const lost = body.claims.filter((_, place) => {
      const outcome = outcomes[place];
      if (outcome?.status !== 'rejected') return false;
      if (SignalboxError.is(outcome.reason, 'CLAIM_LOST')) return true;
      throw outcome.reason;
    });
    return { lost: lost.map(refOf) };
  });
  serve(contract.beginTask, async ({ params, body }, { projectId }) => {
    await tasks.begin({ projectId, taskId: params.id, token: body.token });
    return { taskId: params.id, status: 'running' };
  });
  serve(contract.progressTask, async ({ params, body }, { projectId }) => {
    await tasks.progress({ projectId, taskId: params.id, token: body.token }, body.progress);
    return { taskId: params.id, status: 'running' };
  });
  serve(contract.completeTask, async ({ params, body }, { projectId }) => {
    const claim = { projectId, taskId: params.id, token: body.token };
    return { taskId: params.id, status: await tasks.complete(claim, body.result) };
  });
  serve(contract.failTask, async ({ params, body }, { projectId }) => {
    const { token, error, retryable, delaySeconds = null } = body;
    const { name = 'Error', message } = typeof error === 'string' ? { message: error } : error;
    const claim = { projectId, taskId: params.id, token };
    return { taskId: params.id, status: await tasks.fail(claim, { name, message, retryable }, delaySeconds) };
  });
  serve(contract.releaseTask, async ({ params, body }, { projectId }) => {
    const claim = { projectId, taskId: params.id, token: body.token };
    return { taskId: params.id, status: await tasks.release(claim) };
  });
  serve(contract.decomposeTask, async ({ params, body }, { projectId, principal }) => {
    const { token, children, ...options } = parseInput(contract.decomposeEnvelopeSchema, body);
    const made = children.map((child) => ({ createdBy: principal.name, ...child }));
    return { items: await tasks.decompose({ projectId, taskId: params.id, token }, made, options) };
  });
}

function toWire({ projectId: _, ...claim }: Claim): Omit<Claim, 'projectId'> {
  return claim;
}

function refOf({ taskId, token }: Pick<ClaimRef, 'taskId' | 'token'>): Pick<ClaimRef, 'taskId' | 'token'> {
  return { taskId, token };
}
