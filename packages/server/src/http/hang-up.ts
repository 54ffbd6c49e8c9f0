import type { FastifyRequest } from 'fastify';

/** Aborts when the caller of a request that waits hangs up. `forget` is to be called once it has its answer. */
export function hangUpOf(request: FastifyRequest): { signal: AbortSignal; forget: () => void } {
  const gone = new AbortController();
  const { socket } = request.raw;
  const hangUp = () => gone.abort();
  socket.once('close', hangUp);
  return { signal: gone.signal, forget: () => socket.off('close', hangUp) };
}
