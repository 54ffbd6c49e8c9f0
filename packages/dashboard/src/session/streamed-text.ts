/** Text of a message that is still being written, as far as it is not in the journal yet. */
export interface StreamedMessage {
  messageId: string;
  role: string;
  text: string;
}

/**
 * What remains of streamed text once a piece of the message was journaled. The stream may have been joined in the middle
 * of the piece, and may already be ahead of it: the longest end of `piece` that `streamed` begins with is taken away.
 */
export function withoutJournaled(streamed: string, piece: string): string {
  for (let length = Math.min(streamed.length, piece.length); length > 0; length--) {
    if (piece.endsWith(streamed.slice(0, length))) return streamed.slice(length);
  }
  return streamed;
}

/** Adds a streamed piece to the message it belongs to. */
export function withDelta(
  messages: readonly StreamedMessage[],
  { messageId, role, text }: StreamedMessage,
): StreamedMessage[] {
  const known = messages.find((message) => message.messageId === messageId);
  if (known === undefined) return [...messages, { messageId, role, text }];
  return messages.map((message) => (message === known ? { ...known, text: known.text + text } : message));
}

/** Takes from the streamed messages what a journaled one says: a piece of it, or (`final`) the whole. */
export function withoutMessage(
  messages: readonly StreamedMessage[],
  journaled: { messageId: string; text: string; final: boolean },
): StreamedMessage[] {
  return messages.flatMap((message) => {
    if (message.messageId !== journaled.messageId) return [message];
    const text = journaled.final ? '' : withoutJournaled(message.text, journaled.text);
    return text === '' ? [] : [{ ...message, text }];
  });
}
