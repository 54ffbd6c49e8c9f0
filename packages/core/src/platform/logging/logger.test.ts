import { describe, expect, test } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { SignalboxError } from '../errors/index.ts';
import { createLogger } from './index.ts';

function capture(level?: string) {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    ...(level ? { level } : {}),
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
    context: { nodeId: 'n1' },
    clock: new ManualClock(),
  });
  return { logger, lines };
}

describe('logger', () => {
  test('writes JSON with time, level by name and the node', () => {
    const { logger, lines } = capture();
    logger.info({ sessionId: 's' }, 'started');
    logger.debug('not at this level');
    expect(lines).toEqual([
      { level: 'info', time: '2026-01-01T00:00:00.000Z', nodeId: 'n1', sessionId: 's', msg: 'started' },
    ]);
  });

  test('SES-036: secrets reach no line: not in fields, messages, children, errors or their causes', () => {
    const { logger, lines } = capture();
    const cause = Object.assign(new Error('connect postgres://ada:hunter2@db failed'), { password: 'hunter2' });
    logger.child({ token: 'hunter2' }).warn({ nested: { apiKey: 'hunter2' } }, 'sent Bearer hunter2hunter2');
    logger.error({ err: new SignalboxError('DATABASE_UNAVAILABLE', { secret: 'hunter2' }, { cause }) }, 'failed');
    logger.error(cause);
    logger.info('%s is secret', 'token=hunter2hunter2');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatchObject({
      err: {
        type: 'SignalboxError',
        code: 'DATABASE_UNAVAILABLE',
        cause: { type: 'Error', stack: expect.any(String) },
      },
    });
  });

  test('an error that is its own cause is told once and ends', () => {
    const { logger, lines } = capture();
    const error = new Error('round');
    error.cause = error;
    logger.error({ err: error }, 'x');
    expect(lines).toHaveLength(1);
  });
});
