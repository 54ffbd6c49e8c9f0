import { describe, expect, it } from 'vitest';
import { availableDuties } from './available-duties.ts';

describe('what is offered for an agent', () => {
  it('offers only what changes something', () => {
    expect(availableDuties({ duty: 'active', currentSessions: [] })).toEqual(['drain', 'maintain', 'unregister']);
    expect(availableDuties({ duty: 'draining', currentSessions: [] })).toEqual(['resume', 'maintain', 'unregister']);
    expect(availableDuties({ duty: 'maintenance', currentSessions: [] })).toEqual(['resume', 'unregister']);
  });

  it('offers to hand over where there is a session to be handed', () => {
    expect(availableDuties({ duty: 'active', currentSessions: ['s'] })).toContain('handOff');
  });
});
