import { FACT_SCHEMAS, type FactOf, type JournalFact } from './journal-fact.ts';
import type { SessionState } from './session-state.ts';

/** Statuses in which a run goes on. */
const GOING_ON: ReadonlySet<string> = new Set(['running', 'paused', 'degraded']);

/**
 * The state after `facts`, from the one before them (REPLAY-040). Pure: what comes out depends on nothing else, so folding
 * from the beginning and folding from any state in between end in the same.
 * @param facts in their order, beginning right behind `base.seq`.
 */
export function foldFacts(base: SessionState, facts: Iterable<JournalFact>): SessionState {
  const state = draftOf(base);
  for (const fact of facts) apply(state, fact);
  return state;
}

function draftOf(base: SessionState): SessionState {
  return {
    ...base,
    eventsByType: { ...base.eventsByType },
    agentIds: [...base.agentIds],
    everMembers: [...base.everMembers],
    usage: { ...base.usage },
    toolCalls: { ...base.toolCalls },
    openCalls: base.openCalls.map((call) => ({ ...call })),
  };
}

function apply(state: SessionState, fact: JournalFact): void {
  state.seq = fact.seq;
  state.at = fact.at;
  state.eventCount += 1;
  state.eventsByType[fact.type] = (state.eventsByType[fact.type] ?? 0) + 1;
  state.attempt = Math.max(state.attempt, fact.attempt);
  if (fact.toState) state.codeState = fact.toState;
  APPLY[fact.type]?.(state, fact);
}

type Apply = (state: SessionState, fact: JournalFact) => void;

/** A fold that reads the payload by its type's schema; one of another shape says nothing. */
function reading<Type extends keyof typeof FACT_SCHEMAS>(
  type: Type,
  use: (state: SessionState, read: FactOf<Type>, fact: JournalFact) => void,
): Apply {
  return (state, fact) => {
    const parsed = FACT_SCHEMAS[type].safeParse(fact.payload);
    if (parsed.success) use(state, parsed.data as FactOf<Type>, fact);
  };
}

const APPLY: Partial<Record<JournalFact['type'], Apply>> = {
  tool_call: reading('tool_call', begin),
  tool_result: reading('tool_result', settle),
  usage: reading('usage', add),
  handoff: reading('handoff', move),
  message: reading('message', (state, { messageId }) => reach(state, messageId)),
  start: reading('status', follow),
  status: reading('status', follow),
};

function begin(state: SessionState, { callId, tool, messageId }: FactOf<'tool_call'>, fact: JournalFact): void {
  state.toolCalls.made += 1;
  state.openCalls.push({ callId, tool, seq: fact.seq, attempt: fact.attempt, unknown: false });
  if (messageId) reach(state, messageId);
}

function settle(state: SessionState, { callId, status }: FactOf<'tool_result'>): void {
  if (status === 'unknown') {
    // The run ended in the middle of it: that is no result.
    for (const call of state.openCalls) if (call.callId === callId) call.unknown = true;
    return;
  }
  const outcome = status === 'denied' ? 'denied' : status === 'error' ? 'failed' : 'completed';
  state.toolCalls[outcome] += 1;
  state.openCalls = state.openCalls.filter((call) => call.callId !== callId);
}

function add(state: SessionState, reported: FactOf<'usage'>): void {
  const { costUsd, ...tokens } = reported;
  const { usage } = state;
  usage.apiCalls += 1;
  for (const [name, value] of Object.entries(tokens)) usage[name as keyof typeof tokens] += value;
  if (costUsd !== null) usage.costMicroUsd = (usage.costMicroUsd ?? 0) + Math.round(costUsd * 1e6);
}

function move(state: SessionState, { direction, agent }: FactOf<'handoff'>): void {
  const members = new Set(state.agentIds);
  if (direction === 'left') members.delete(agent);
  else members.add(agent);
  if (direction === 'joined' && !state.everMembers.includes(agent)) state.everMembers.push(agent);
  state.agentIds = state.everMembers.filter((member) => members.has(member));
}

/** The runtime's own message that is the latest here. Ids of parts of one message have a mark behind its id. */
function reach(state: SessionState, messageId: string): void {
  if (state.runtimeSession)
    state.runtimeSession = { ...state.runtimeSession, messageId: messageId.split(/[/+]/)[0] ?? messageId };
}

function follow(state: SessionState, { to, phase, detail, metadata }: FactOf<'status'>, fact: JournalFact): void {
  if (phase === 'opened' && detail) {
    state.runtimeSession = { runtimeSessionId: detail.runtimeSessionId, messageId: null };
  }
  if (metadata) {
    const kept = Object.entries({ ...state.metadata, ...metadata.set }).filter(
      ([key]) => !metadata.unset.includes(key),
    );
    state.metadata = Object.fromEntries(kept);
  }
  if (to === undefined) return;
  state.status = to;
  if (!GOING_ON.has(to) || fact.type === 'start') {
    for (const call of state.openCalls) call.unknown = true;
  }
}
