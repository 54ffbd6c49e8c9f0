import { expect, it } from 'vitest';
import { formatDuration } from './time.ts';

it.each([
  [0.04, '0 s'],
  [3.14, '3.1 s'],
  [59, '59 s'],
  [125, '2 min 5 s'],
  [15_000, '4 h 10 min'],
  [266_400, '3 d 2 h'],
])('a duration of %d s reads %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
