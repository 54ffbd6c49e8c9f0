import type { CreateSession } from '@signalbox/core';
import type { RunHarness } from '../runs/run-harness.ts';
import { type LoopbackModel, type ModelTurn, startLoopbackModel } from './loopback-model.ts';

/**
 * A session of OpenCode whose model answers nothing before the test says so: several of them take turns in an order that is
 * the same each time.
 */
export class StagedSession implements AsyncDisposable {
  readonly id: string;
  readonly model: LoopbackModel;
  readonly #gates: readonly PromiseWithResolvers<void>[];
  #answered = 0;

  private constructor(id: string, model: LoopbackModel, gates: readonly PromiseWithResolvers<void>[]) {
    this.id = id;
    this.model = model;
    this.#gates = gates;
  }

  /** Starts it, and waits until its model is asked for the first time. */
  static async start(
    runs: RunHarness,
    turns: readonly ModelTurn[],
    more: Partial<CreateSession> = {},
  ): Promise<StagedSession> {
    const gates = turns.map(() => Promise.withResolvers<void>());
    const model = await startLoopbackModel(turns.map((turn, index) => ({ ...turn, when: gates[index]?.promise })));
    const session = await runs.script('', {
      runtime: 'opencode',
      command: null,
      modelConfig: model.name,
      agentConfig: { opencode: model.opencodeConfig() } as CreateSession['agentConfig'],
      ...more,
    });
    await model.turnTaken(1);
    return new StagedSession(session.id, model, gates);
  }

  /** Has the model answer, and waits until what came of it is over: the model is asked again. */
  async step(): Promise<void> {
    this.answer();
    await this.model.turnTaken(this.#answered + 1);
  }

  /** Has the model answer, whatever comes of it. */
  answer(): void {
    this.#gates[this.#answered]?.resolve();
    this.#answered += 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model.close();
  }
}
