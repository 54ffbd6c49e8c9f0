import type { RuntimeEvent } from '@signalbox/core';
import type { OpencodeTextPart } from './opencode-event.ts';

type MessageEvent = Extract<RuntimeEvent, { type: 'message' }>;

interface TextPart {
  role: MessageEvent['role'];
  /** OpenCode's id of the message; with `/2`, `/3` … behind it for the further texts of one role in it. */
  messageId: string;
  text: string;
  /** How much of the text was told as a whole already. */
  told: number;
  closed: boolean;
}

/** The texts of a run's messages: pieces as they stream in, and each text as a whole once it is complete. */
export class TextParts {
  readonly #parts = new Map<string, TextPart>();
  /** Open parts by message, and how many texts of a role a message has. */
  readonly #ofMessage = new Map<string, TextPart[]>();
  #lastText = '';

  get lastText(): string {
    return this.#lastText;
  }

  piece(partId: string, text: string): MessageEvent[] {
    const part = this.#parts.get(partId);
    if (!part || part.closed || text === '') return [];
    part.text += text;
    return [{ type: 'message', role: part.role, messageId: part.messageId, text, final: false }];
  }

  update(part: OpencodeTextPart, author: 'user' | 'assistant'): MessageEvent[] {
    if (part.ignored) return [];
    const known = this.#parts.get(part.id) ?? this.#add(part, author);
    if (known.closed) return [];
    if (author === 'assistant' && part.time?.end === undefined) return [];
    known.text = part.text;
    known.closed = true;
    return this.#tell(known);
  }

  /**
   * Tells the open texts of a message as a whole as far as they go. Called when a tool call follows them: providers end a
   * text only with the answer, and the record shall have what was said before what was done.
   */
  close(messageId: string): MessageEvent[] {
    return (this.#ofMessage.get(messageId) ?? []).filter((part) => !part.closed).flatMap((part) => this.#tell(part));
  }

  /** Tells whatever is still open as a whole: an interrupted answer is never completed. */
  closeAll(): MessageEvent[] {
    return [...this.#ofMessage.keys()].flatMap((messageId) => this.close(messageId));
  }

  #tell(part: TextPart): MessageEvent[] {
    const text = part.text.slice(part.told);
    if (text.trim() === '') return [];
    const messageId = part.messageId + (part.told > 0 ? `+${part.told}` : '');
    part.told = part.text.length;
    if (part.role === 'assistant') this.#lastText = text;
    return [{ type: 'message', role: part.role, messageId, text, final: true }];
  }

  #add(part: OpencodeTextPart, author: 'user' | 'assistant'): TextPart {
    const role = part.synthetic ? 'system' : part.type === 'reasoning' ? 'reasoning' : author;
    const siblings = this.#ofMessage.get(part.messageID) ?? [];
    const ordinal = siblings.filter((sibling) => sibling.role === role).length + 1;
    const messageId = ordinal === 1 ? part.messageID : `${part.messageID}/${ordinal}`;
    const added: TextPart = { role, messageId, text: '', told: 0, closed: false };
    this.#parts.set(part.id, added);
    this.#ofMessage.set(part.messageID, [...siblings, added]);
    return added;
  }
}
