import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withDelta, withoutJournaled, withoutMessage } from './streamed-text.ts';

describe('streamed text', () => {
  it('is joined by message in the order it came', () => {
    let messages = withDelta([], { messageId: 'a', role: 'assistant', text: 'Hel' });
    messages = withDelta(messages, { messageId: 'b', role: 'assistant', text: 'X' });
    messages = withDelta(messages, { messageId: 'a', role: 'assistant', text: 'lo' });
    expect(messages.map(({ messageId, text }) => [messageId, text])).toEqual([
      ['a', 'Hello'],
      ['b', 'X'],
    ]);
  });

  it('loses what was journaled, also when the stream was joined in the middle of it', () => {
    expect(withoutJournaled('Hello world', 'Hello ')).toBe('world');
    expect(withoutJournaled('lo world', 'Hello ')).toBe('world');
    expect(withoutJournaled('other', 'Hello ')).toBe('other');
    expect(withoutJournaled('Hel', 'Hello ')).toBe('Hel');
  });

  it('is gone when the whole message was journaled', () => {
    const messages = [{ messageId: 'a', role: 'assistant', text: 'rest' }];
    expect(withoutMessage(messages, { messageId: 'a', text: 'all the rest', final: true })).toEqual([]);
    expect(withoutMessage(messages, { messageId: 'b', text: 'all', final: true })).toEqual(messages);
  });

  it('never shows a letter twice: journaled and streamed together are the message, whatever the cuts', () => {
    // Letters that do not repeat, so that an overlap can only be the real one.
    const message = Array.from({ length: 60 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('');
    fc.assert(
      fc.property(fc.nat(59), fc.nat(59), fc.nat(60), (joined, journaledTo, streamedTo) => {
        fc.pre(joined <= journaledTo && journaledTo <= streamedTo);
        const rest = withoutJournaled(message.slice(joined, streamedTo), message.slice(0, journaledTo));
        expect(message.slice(0, journaledTo) + rest).toBe(message.slice(0, streamedTo));
      }),
    );
  });
});
