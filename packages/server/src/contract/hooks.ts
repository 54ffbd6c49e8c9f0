import { adoptedAnswerSchema, adoptedSourceSchema, uuidSchema } from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';

/** Longest wait for people within one request, in seconds: connections that stand still for longer are cut by what lies between. */
const LONGEST_WAIT_SECONDS = 60;

export const reportHookSchema = z.strictObject({
  /** Chosen by the hook: the same event again takes no effect again. */
  eventId: uuidSchema,
  /** When it happened; now where it is left out. */
  at: z.iso.datetime().optional(),
  /** Directory that the agent was started in, where that is not the one that the event names. */
  directory: z.string().min(1).max(4096).regex(/^\//, 'must be an absolute path').optional(),
  /** Told afterwards, since the server could not be reached at the time. */
  late: z.boolean().default(false),
  /** How long the answer may wait for people, in seconds. */
  waitSeconds: z.number().min(0).max(LONGEST_WAIT_SECONDS).default(0),
  /** False: whoever reports asks again where the answer is `held`. */
  final: z.boolean().default(true),
  /** What the agent gave its hook, as it is. */
  event: z.record(z.string(), z.json()),
});

export const reportHook = operation({
  id: 'reportHook',
  method: 'POST',
  path: '/hooks/{source}',
  tag: 'hooks',
  summary: 'Tell of an event of an agent that a person started',
  description:
    'Sessions that people start themselves appear by it. Before a tool call the answer says whether it may run. Events that are not known are journaled.',
  role: 'agent',
  params: z.strictObject({ source: adoptedSourceSchema }),
  body: reportHookSchema,
  largeBody: true,
  // The arguments that people approved are what the tool works with.
  verbatim: true,
  answer: { status: 200, about: 'What becomes of it.', schema: adoptedAnswerSchema },
  example: {
    eventId: '0190a5f2-7c3e-7000-8000-000000000001',
    event: { hook_event_name: 'UserPromptSubmit', session_id: 'abc', cwd: '/srv/checkout', prompt: 'Fix the build' },
  },
});
