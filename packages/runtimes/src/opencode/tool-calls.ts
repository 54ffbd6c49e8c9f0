/** A call of one of the agent's tools, seen from both sides: the event stream and the hooks of the plugin. */
export interface TrackedCall {
  /** The id under which it is recorded: OpenCode's, made unique within the run where a model uses one twice. */
  readonly callId: string;
  readonly opencodeCallId: string;
  /** Of OpenCode: the run's own or a subagent's. */
  readonly sessionId: string;
  readonly tool: string;
  arguments: Readonly<Record<string, unknown>>;
  /** Null as long as only the hook has told of it. */
  partId: string | null;
  /** Where its hooks are: not come, being decided on, running (its changes are its own), no more. */
  window: 'none' | 'asked' | 'open' | 'closed';
  /** What processes of its shells carry; null as long as it has opened none. */
  shellMark: string | null;
  /** How long it waited for the host so far, in milliseconds: no part of its own duration. */
  heldMs: number;
  /** Why it was refused; null when it was not. */
  refusal: string | null;
  /** Its result is recorded; nothing more is said of it. */
  over: boolean;
}

/**
 * The calls of one run. The event stream knows a call by its part, the hooks by OpenCode's call id; this brings both
 * together, whichever comes first.
 */
export class ToolCalls {
  readonly #calls: TrackedCall[] = [];
  readonly #byPart = new Map<string, TrackedCall>();
  readonly #uses = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  ofPart(partId: string): TrackedCall | undefined {
    return this.#byPart.get(partId);
  }

  /** The call that a hook means: the oldest of that id which is at that stage. A call that is over is no longer asked for. */
  ofHook(sessionId: string, opencodeCallId: string, window: TrackedCall['window']): TrackedCall | undefined {
    return this.#calls.find(
      (call) =>
        call.sessionId === sessionId &&
        call.opencodeCallId === opencodeCallId &&
        call.window === window &&
        (window === 'open' || !call.over),
    );
  }

  /** The newest call of that id which is not over. */
  running(sessionId: string, opencodeCallId: string): TrackedCall | undefined {
    return this.#calls.findLast(
      (call) => call.sessionId === sessionId && call.opencodeCallId === opencodeCallId && !call.over,
    );
  }

  /** Takes up the call of a part, which a hook may have told of already. `isNew` when none has. */
  fromPart(
    part: { id: string; sessionID: string; callID: string; tool: string },
    input: Readonly<Record<string, unknown>>,
  ) {
    const known = this.#calls.find(
      (call) => call.partId === null && call.sessionId === part.sessionID && call.opencodeCallId === part.callID,
    );
    const call = known ?? this.#add(part.sessionID, part.callID, part.tool, input);
    call.partId = part.id;
    this.#byPart.set(part.id, call);
    for (const wake of this.#waiting) wake();
    return { call, isNew: known === undefined };
  }

  /** Takes up a call that only a hook has told of. */
  fromHook(
    sessionId: string,
    opencodeCallId: string,
    tool: string,
    input: Readonly<Record<string, unknown>>,
  ): TrackedCall {
    return this.#add(sessionId, opencodeCallId, tool, input);
  }

  /** Resolves when the next call turned up in the event stream, or `over` resolves. */
  async nextPart(over: Promise<unknown>): Promise<void> {
    const turnedUp = Promise.withResolvers<void>();
    this.#waiting.add(turnedUp.resolve);
    await Promise.race([turnedUp.promise, over]);
    this.#waiting.delete(turnedUp.resolve);
  }

  /** Calls of a session that were let go and have not ended. One that only a hook has told of is not seen to end. */
  letGo(sessionId: string): TrackedCall[] {
    return this.#calls.filter(
      (call) => call.sessionId === sessionId && call.window === 'open' && !call.over && call.partId !== null,
    );
  }

  unfinished(): TrackedCall[] {
    return this.#calls.filter((call) => !call.over || call.window === 'open');
  }

  #add(sessionId: string, opencodeCallId: string, tool: string, input: Readonly<Record<string, unknown>>): TrackedCall {
    const use = (this.#uses.get(opencodeCallId) ?? 0) + 1;
    this.#uses.set(opencodeCallId, use);
    const call: TrackedCall = {
      callId: use === 1 ? opencodeCallId : `${opencodeCallId}#${use}`,
      opencodeCallId,
      sessionId,
      tool,
      arguments: input,
      partId: null,
      window: 'none',
      shellMark: null,
      heldMs: 0,
      refusal: null,
      over: false,
    };
    this.#calls.push(call);
    return call;
  }
}
