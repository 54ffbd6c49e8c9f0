import type pg from 'pg';

/**
 * Which connections of a pool may be half-open. Where one was found dead, nothing has been heard of the idle ones since, and whatever cut it
 * off may have cut off all of them: each would cost some caller the whole wait for an answer. They are suspect, and are not lent out again.
 */
export class SuspectConnections {
  readonly #heard = new WeakMap<pg.ClientBase, number>();
  #deaths = 0;

  /** It has just answered, if only by refusing something. */
  heard(client: pg.ClientBase): void {
    if (this.isSuspect(client)) this.#heard.set(client, this.#deaths);
  }

  /** One of the pool gave no answer, or broke. */
  died(): void {
    this.#deaths += 1;
  }

  isSuspect(client: pg.ClientBase): boolean {
    return this.#heard.get(client) !== this.#deaths;
  }
}
