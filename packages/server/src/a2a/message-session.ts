import { createHash } from 'node:crypto';
import type { Message } from '@a2a-js/sdk';
import { ContentTypeNotSupportedError, RequestMalformedError } from '@a2a-js/sdk/errors';
import type { CreateSession } from '@signalbox/core';
import { z } from 'zod';

const TITLE_LENGTH = 100;
/** What creating a session takes is the room's to check, but for what the message itself says. */
const settingsSchema = z.looseObject({
  id: z.undefined('the message decides it').optional(),
  initialPrompt: z.undefined('the text of the message is the prompt').optional(),
  start: z.undefined('a session that is handed in is started').optional(),
  metadata: z.record(z.string(), z.json()).optional(),
  /** Null, and no runtime: whoever takes the session drives it. */
  workspaceId: z.string().nullable().optional(),
});

export type HandedIn = CreateSession & { id: string; initialPrompt: string; workspaceId?: string | null | undefined };

/**
 * The session that a message asks for. Its id follows from the message, so that a message that is sent again after a broken
 * connection makes no second one.
 * @param scope who sends, and into which project: message ids are the sender's own
 * @throws RequestMalformedError, ContentTypeNotSupportedError
 */
export function sessionOfMessage(message: Message, scope: readonly string[]): HandedIn {
  if (message.messageId === '')
    throw new RequestMalformedError('The message needs a messageId, by which it is known again.');
  const prompt = textOf(message);
  const parsed = settingsSchema.safeParse(message.metadata?.signalbox ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new RequestMalformedError(`metadata.signalbox.${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { metadata = {}, ...settings } = parsed.data;
  const id = idFrom([...scope, message.messageId]);
  return {
    title: titleOf(prompt),
    runtime: 'opencode',
    ...settings,
    id,
    initialPrompt: prompt,
    metadata: { ...metadata, a2a: { messageId: message.messageId, contextId: message.contextId || id } },
    start: true,
  };
}

function textOf({ parts }: Message): string {
  const texts = parts.map(({ content }) => {
    if (content?.$case === 'text') return content.value;
    throw new ContentTypeNotSupportedError('Only text parts are taken: they are the prompt of the session.');
  });
  const text = texts.join('\n\n').trim();
  if (text === '') throw new RequestMalformedError('The message needs a text, which is the prompt of the session.');
  return text;
}

function titleOf(prompt: string): string {
  const line = prompt.split('\n', 1)[0]?.trim() ?? '';
  return line.length <= TITLE_LENGTH ? line : `${line.slice(0, TITLE_LENGTH - 1).trimEnd()}…`;
}

/** A UUID of our own making (RFC 9562, version 8). */
function idFrom(parts: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
