import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Ends connections that carry no request once the app closes. Node ends those that have carried one and wait for the
 * next; one that a browser opened ahead and never used holds a closing server until its headers are overdue, a minute,
 * and one whose last answer came after the close began until its keep-alive runs out.
 */
export function endQuietConnections(app: FastifyInstance): void {
  const requests = new Map<Socket, number>();
  let closing = false;
  app.server.on('connection', (socket: Socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
  });
  app.server.on('request', ({ socket }, response) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const under = requests.get(socket);
      if (under === undefined) return;
      requests.set(socket, under - 1);
      if (closing && under === 1) socket.end();
    });
  });
  app.addHook('preClose', (done) => {
    closing = true;
    for (const [socket, under] of requests) if (under === 0) socket.destroy();
    done();
  });
}
