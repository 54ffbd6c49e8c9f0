import { describe, expect, it } from 'vitest';
import { parseSearch, searchOf, stringifySearch } from '../app/search.ts';
import { AGENT_FILTER_NAMES, agentQueryOf, isNarrowed, statusesOf } from './agent-filters.ts';

describe('filters of the list of agents', () => {
  it('asks for agents by status, name, type and capability', () => {
    expect(agentQueryOf({ status: 'dead,suspected', q: 'coder', type: 'tester', capability: 'no"de' })).toEqual({
      'status.in': 'suspected,dead',
      'id.contains': 'coder',
      type: 'tester',
      'capabilities.json_contains': '[{"name":"no\\"de"}]',
    });
  });

  it('leaves statuses out that there are not, and asks for all where none is left', () => {
    expect(statusesOf({ status: 'dead,asleep' })).toEqual(['dead']);
    expect(agentQueryOf({ status: 'asleep' })).toEqual({});
  });

  it('takes the order of registration where the address names none that there is', () => {
    expect(agentQueryOf({ sort: 'heartbeat' })).toEqual({ sortBy: 'lastHeartbeat', sortOrder: 'asc' });
    expect(agentQueryOf({ sort: '-secret' })).toEqual({});
    expect(agentQueryOf({ sort: 'toString' })).toEqual({});
  });

  it('keeps what stands in the address through writing and reading', () => {
    const filters = { status: 'dead,busy', capability: 'c++', sort: 'load' };
    expect(searchOf(AGENT_FILTER_NAMES)(parseSearch(stringifySearch(filters).slice(1)))).toEqual(filters);
  });

  it('does not count an order as narrowing', () => {
    expect(isNarrowed({ sort: 'load' })).toBe(false);
    expect(isNarrowed({ capability: 'node' })).toBe(true);
  });
});
