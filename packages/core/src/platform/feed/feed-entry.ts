import { z } from 'zod';
import { uuidSchema } from '../ids/ids.ts';

/** A place in a project's feed. The epoch tells one database from another: positions of another one mean nothing. */
export interface FeedCursor {
  epoch: string;
  position: number;
}

/** One committed change, as the feed tells it. */
export interface FeedEntry {
  /** Consecutive integers per project. */
  position: number;
  topic: string;
  payload: Record<string, unknown>;
  /** When the transaction that made the change began, ISO 8601. */
  at: string;
}

const cursorSchema = z
  .string()
  .regex(/^[0-9a-f-]{36}:\d{1,15}$/i)
  .transform((text) => ({ epoch: text.slice(0, 36), position: Number(text.slice(37)) }))
  .pipe(z.object({ epoch: uuidSchema, position: z.int().min(0) }));

/** `<epoch>:<position>`, as it stands in an event's id. */
export function formatCursor({ epoch, position }: FeedCursor): string {
  return `${epoch}:${position}`;
}

/** Reads what {@link formatCursor} wrote; null for anything else, which is then answered like a position of another database. */
export function parseCursor(text: string): FeedCursor | null {
  const parsed = cursorSchema.safeParse(text);
  return parsed.success ? parsed.data : null;
}
