import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { codeStateSchema } from '../journal-event.ts';
import type { SessionState } from '../state/session-state.ts';

/** What differs between a snapshot and the state after a later event (REPLAY-012). */
export const stateDeltaSchema = z.object({
  /** The event of the snapshot it counts from. */
  base: z.int().min(0),
  stateChange: z.object({ from: codeStateSchema, to: codeStateSchema }).nullable(),
  agentChange: z.object({ added: z.array(z.string()), removed: z.array(z.string()) }).nullable(),
  metadataChange: z.object({ set: z.record(z.string(), z.json()), unset: z.array(z.string()) }).nullable(),
});
export type StateDelta = z.infer<typeof stateDeltaSchema>;
type Comparable = Pick<SessionState, 'codeState' | 'agentIds' | 'metadata'>;

/** Null where neither code state nor members nor metadata differ. Members are compared as sets. */
export function deltaBetween(base: SessionState, state: SessionState): StateDelta | null {
  const stateChange = base.codeState === state.codeState ? null : { from: base.codeState, to: state.codeState };
  const added = state.agentIds.filter((agent) => !base.agentIds.includes(agent));
  const removed = base.agentIds.filter((agent) => !state.agentIds.includes(agent));
  const agentChange = added.length + removed.length === 0 ? null : { added, removed };
  const set = Object.entries(state.metadata).filter(([key, value]) => !isDeepStrictEqual(base.metadata[key], value));
  const unset = Object.keys(base.metadata).filter((key) => !Object.hasOwn(state.metadata, key));
  const metadataChange = set.length + unset.length === 0 ? null : { set: Object.fromEntries(set), unset };
  if (!stateChange && !agentChange && !metadataChange) return null;
  return { base: base.seq, stateChange, agentChange, metadataChange };
}

/** The compared part of the state that `delta` leads to from `base`; members in no order that means anything. */
export function applyDelta(base: Comparable, delta: StateDelta | null): Comparable {
  if (!delta) return { codeState: base.codeState, agentIds: base.agentIds, metadata: base.metadata };
  const { stateChange, agentChange, metadataChange } = delta;
  const { added = [], removed = [] } = agentChange ?? {};
  const { set = {}, unset = [] } = metadataChange ?? {};
  const kept = Object.entries({ ...base.metadata, ...set }).filter(([key]) => !unset.includes(key));
  return {
    codeState: stateChange?.to ?? base.codeState,
    agentIds: [...base.agentIds.filter((agent) => !removed.includes(agent)), ...added],
    metadata: Object.fromEntries(kept),
  };
}
