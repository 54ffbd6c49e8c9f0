import type { Agent } from '@signalbox/client';

/** What people can decide about an agent. */
export type AgentAction = 'drain' | 'maintain' | 'resume' | 'handOff' | 'unregister';

/** What is offered for an agent as it stands. The server decides; this only saves asking for what would change nothing. */
export function availableDuties({ duty, currentSessions }: Pick<Agent, 'duty' | 'currentSessions'>): AgentAction[] {
  const actions: AgentAction[] = [];
  if (duty !== 'active') actions.push('resume');
  if (duty === 'active') actions.push('drain');
  if (duty !== 'maintenance') actions.push('maintain');
  if (currentSessions.length > 0) actions.push('handOff');
  actions.push('unregister');
  return actions;
}
