import { describe, expect, it } from 'vitest';
import { eventOf, isSubscribed } from './feed-event.ts';
import { slackMessage } from './slack-message.ts';

const at = '2026-01-01T00:00:00.000Z';
const event = (topic: string, payload: Record<string, unknown>) => eventOf({ topic, payload, at, position: 7 });
const context = {
  sessionTitle: 'Fix <the> build',
  approvalSummary: 'rm -rf build',
  dashboardUrl: 'https://box.example/',
};

describe('events', () => {
  it('are named by their topic and kind', () => {
    expect(event('session', { change: 'completed', status: 'completed' }).type).toBe('session.completed');
    expect(event('agent', { event: 'agent:recovery:succeeded' }).type).toBe('agent.recovery.succeeded');
    expect(event('undo', { status: 'completed' }).type).toBe('undo.completed');
    expect(event('task', { counts: {} }).type).toBe('task.changed');
  });

  it('are told to whoever subscribed to all, the topic, or the kind', () => {
    const done = event('session', { change: 'completed' });
    for (const subject of ['*', 'session', 'session.completed']) expect(isSubscribed([subject], done)).toBe(true);
    for (const subject of ['sess', 'task', 'session.failed', 'session.complete']) {
      expect(isSubscribed([subject], done)).toBe(false);
    }
  });
});

describe('messages for Slack', () => {
  it('say what ended, quote why, link there, and let no title call anybody', () => {
    const failed = event('session', { change: 'failed', sessionId: 's1', errorMessage: '<!channel> broke\nagain' });
    expect(slackMessage(failed, context)).toEqual({
      text: 'Session failed: Fix &lt;the&gt; build',
      blocks: [
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: '*Session failed: Fix &lt;the&gt; build*\n> &lt;!channel&gt; broke\n> again',
          },
        },
        {
          type: 'context',
          elements: [{ type: 'mrkdwn', text: '<https://box.example/sessions/s1|Open in Signalbox>' }],
        },
      ],
    });
    expect(slackMessage(failed, { ...context, dashboardUrl: null })?.blocks).toHaveLength(1);
  });

  it('ask for approvals and tell how they ended; the rest is nothing for people', () => {
    const said = (topic: string, payload: Record<string, unknown>) =>
      slackMessage(event(topic, payload), context)?.text;
    const approval = { approvalId: 'a' };
    expect(said('approval', { ...approval, status: 'pending', change: 'requested' })).toBe(
      'Approval needed: rm -rf build',
    );
    expect(said('approval', { ...approval, status: 'rejected', change: 'decided' })).toBe(
      'Approval rejected: rm -rf build',
    );
    expect(said('approval', { ...approval, status: 'pending', change: 'commented' })).toBeUndefined();
    expect(said('approval', { ...approval, status: 'pending', change: 'voted' })).toBeUndefined();
    expect(said('budget', { change: 'exceeded', name: 'night' })).toBe('Budget exceeded: night');
    expect(said('session', { change: 'completed', sessionId: 's' })).toBe('Session completed: Fix &lt;the&gt; build');
    expect(said('session', { change: 'status', sessionId: 's' })).toBeUndefined();
    expect(said('task', { counts: {} })).toBeUndefined();
  });
});
