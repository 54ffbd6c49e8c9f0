import { type BaseCheckpointSaver, type Checkpoint, uuid6 } from '@langchain/langgraph-checkpoint';

const DOCUMENT_BYTES = 20_000;
const MESSAGES = 8;

/** States are made once: what a graph does to get from one to the next is no work of its checkpointer. */
const STATES: readonly Record<string, unknown>[] = Array.from({ length: 16 }, (_, step) => stateAt(step));

/** About what an agent's graph holds: a document it was given, its plan, its latest messages, and which node is next. */
function stateAt(step: number): Record<string, unknown> {
  const message = (n: number) => ({
    role: n % 2 === 0 ? 'assistant' : 'tool',
    id: `message-${n}`,
    content:
      `Step ${n}: replaced the sum of rounded amounts by the rounded sum of amounts, and ran the tests again. `.repeat(
        2,
      ),
  });
  return {
    document: 'Amounts are rounded once, after they have been added. '.repeat(DOCUMENT_BYTES / 54),
    plan: ['read the code', 'write a test', 'mend it', 'run all tests'],
    messages: Array.from({ length: MESSAGES }, (_, n) => message(step + n)),
    'branch:to:agent': null,
  };
}

/** What a step of the graph changes. */
const CHANGED = ['messages', 'branch:to:agent'];

/** A graph that runs in one thread, as far as its checkpointer sees of it. */
export class GraphRun {
  readonly threadId: string;
  readonly #saver: BaseCheckpointSaver;
  #versions: Record<string, number | string> = {};
  #latest: string | undefined;
  #step = 0;

  constructor(saver: BaseCheckpointSaver, threadId: string) {
    this.#saver = saver;
    this.threadId = threadId;
  }

  /** Saves the next checkpoint. The first one brings every channel, further ones what a step changes. */
  async save(): Promise<void> {
    const state = STATES[this.#step % STATES.length] ?? {};
    await this.put(state, this.#step === 0 ? Object.keys(state) : CHANGED);
  }

  /** Saves a checkpoint of which only `changed` are new. */
  async put(state: Record<string, unknown>, changed: readonly string[]): Promise<void> {
    const newVersions: Record<string, number | string> = {};
    for (const channel of changed) newVersions[channel] = this.#saver.getNextVersion(numeric(this.#versions[channel]));
    this.#versions = { ...this.#versions, ...newVersions };
    const checkpoint: Checkpoint = {
      v: 4,
      id: uuid6(this.#step),
      ts: new Date().toISOString(),
      channel_values: state,
      channel_versions: this.#versions,
      versions_seen: { __input__: {}, agent: this.#versions },
    };
    const config = { configurable: { thread_id: this.threadId, checkpoint_ns: '', checkpoint_id: this.#latest } };
    await this.#saver.put(config, checkpoint, { source: 'loop', step: this.#step, parents: {} }, newVersions);
    this.#latest = checkpoint.id;
    this.#step += 1;
  }

  /** Loads the latest checkpoint; throws unless it is the one saved last, with all its channels. */
  async load(): Promise<void> {
    const tuple = await this.#saver.getTuple({ configurable: { thread_id: this.threadId, checkpoint_ns: '' } });
    const channels = Object.keys(tuple?.checkpoint.channel_values ?? {}).length;
    if (tuple?.checkpoint.id !== this.#latest || channels !== Object.keys(this.#versions).length) {
      throw new Error(`${this.threadId} did not come back as it was saved.`);
    }
  }
}

function numeric(version: number | string | undefined): number | undefined {
  return version === undefined ? undefined : Number(version);
}
