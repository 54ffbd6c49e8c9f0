import { SignalboxError } from '../../platform/errors/index.ts';
import { SNAPSHOT_TYPES, type SnapshotType } from '../points/snapshot.ts';
import type { StatePort, StateScope } from './state-port.ts';

/** The kinds of state that can be captured and put back here. */
export class StatePorts {
  readonly #ports: Map<SnapshotType, StatePort>;

  constructor(ports: readonly StatePort[]) {
    this.#ports = new Map(ports.map((port) => [port.type, port]));
  }

  /** The kinds that there are for this scope, in their order. */
  typesFor(scope: StateScope): SnapshotType[] {
    return SNAPSHOT_TYPES.filter((type) => this.#ports.get(type)?.appliesTo(scope));
  }

  has(type: SnapshotType): boolean {
    return this.#ports.has(type);
  }

  /** @throws ROLLBACK_PORT_MISSING */
  get(type: SnapshotType): StatePort {
    const port = this.#ports.get(type);
    if (!port) throw new SignalboxError('ROLLBACK_PORT_MISSING', { type });
    return port;
  }
}
