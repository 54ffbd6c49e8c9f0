import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Stands between a client and a server on this machine and can let connections go half-open: neither side hears of the other any more, and
 * neither is told, as when a host or a route between them is gone.
 */
export class HalfOpenProxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #sockets = new Set<Socket>();
  readonly #live = new Set<() => void>();
  /** The server's side of connections that were let go. */
  #stranded: Socket[] = [];
  #dark = false;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
  }

  /** Listens on a free port of the loopback and forwards to `targetPort` there. */
  static async to(targetPort: number): Promise<HalfOpenProxy> {
    const server = createServer();
    const proxy = new HalfOpenProxy(server, targetPort);
    server.on('connection', (client) => proxy.#accept(client));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Lets go of all connections there are without closing them; new ones are taken and not answered until {@link light}. */
  darken(): void {
    this.#dark = true;
    for (const letGo of this.#live) letGo();
    this.#live.clear();
  }

  /**
   * Serves new connections again. Those that were let go stay silent for the client, for good; the server gets rid of them, as it would by
   * its keepalives.
   */
  light(): void {
    this.#dark = false;
    for (const upstream of this.#stranded) upstream.destroy();
    this.#stranded = [];
  }

  /** Closes everything. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    this.#keep(client);
    if (this.#dark) {
      client.resume();
      return;
    }
    const upstream = connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true });
    this.#keep(upstream);
    client.setNoDelay(true);
    client.pipe(upstream);
    upstream.pipe(client);
    const follow = (from: Socket, to: Socket) => {
      const close = () => to.destroy();
      from.once('close', close);
      return () => from.off('close', close);
    };
    const unfollow = [follow(client, upstream), follow(upstream, client)];
    const letGo = () => {
      client.unpipe(upstream).resume();
      upstream.unpipe(client).resume();
      for (const stop of unfollow) stop();
      this.#stranded.push(upstream);
    };
    this.#live.add(letGo);
    client.once('close', () => this.#live.delete(letGo));
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    // What breaks is told to the other side by closing it, and to nobody else.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
