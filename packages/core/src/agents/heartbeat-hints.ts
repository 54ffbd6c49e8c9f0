import type { Bus } from '../platform/bus/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import { AGENT_HEARTBEATS, type AgentEventPayload } from './agent-events.ts';

/** Heartbeats are told at most so often per project, in milliseconds: there may be many thousands a second. */
const EVERY_MS = 1_000;
/** Names in one message; the count tells of all. */
const NAMES = 20;

/** Tells the bus that agents were heard of: hints for who watches, gathered over a second. */
export class HeartbeatHints {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #gathered = new Map<string, AgentEventPayload<'agent:heartbeat'>>();
  readonly #stopped = new AbortController();
  #sending: Promise<void> | null = null;

  constructor(bus: Bus, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  heard(projectId: string, agentId: string): void {
    const known = this.#gathered.get(projectId);
    if (!known) this.#gathered.set(projectId, { agentIds: [agentId], count: 1 });
    else {
      known.count += 1;
      if (known.agentIds.length < NAMES && !known.agentIds.includes(agentId)) known.agentIds.push(agentId);
    }
    this.#sending ??= this.#send();
  }

  /** Sends what was gathered; nothing is sent after it resolves. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#sending;
  }

  async #send(): Promise<void> {
    await this.#clock.sleep(EVERY_MS, this.#stopped.signal);
    this.#sending = null;
    for (const [projectId, payload] of this.#gathered) {
      this.#bus.publish(AGENT_HEARTBEATS, { event: 'agent:heartbeat', projectId, ...payload });
    }
    this.#gathered.clear();
  }
}
