import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useApi } from '../api/api-context.tsx';
import { useLiveEvents } from '../live/live-provider.tsx';
import { type EventType, JournalWindow } from './journal-window.ts';
import { payloadOf } from './payloads.ts';
import { type StreamedMessage, withDelta, withoutMessage } from './streamed-text.ts';

/** Streamed text is drawn this often, however many pieces come. */
const DRAW_MS = 60;

/** The journal of a session as it grows, with the text that is being written and not journaled yet. */
export function useJournal(sessionId: string, types: readonly EventType[]) {
  const { client } = useApi();
  const typeText = types.join(',');
  const window = useMemo(() => {
    const wanted = typeText === '' ? [] : (typeText.split(',') as EventType[]);
    return new JournalWindow((query) => client.journal.read(sessionId, query), wanted);
  }, [client, sessionId, typeText]);
  const view = useSyncExternalStore(window.subscribe, () => window.view);
  useEffect(() => void window.catchUp(), [window]);

  const streamed = useStreamedMessages(sessionId);
  useLiveEvents((event) => {
    if (event.type === 'open' || event.type === 'reset') void window.catchUp();
    if (event.type !== 'feed' || event.topic !== 'journal' || event.payload.sessionId !== sessionId) return;
    window.take(event.payload.fromSeq, event.payload.toSeq, event.payload.events);
  });

  const messagesShown = types.length === 0 || types.includes('message');
  return {
    ...view,
    streamed: messagesShown ? streamed : [],
    loadOlder: () => window.loadOlder(),
    retry: () => void window.catchUp(),
  };
}

function useStreamedMessages(sessionId: string): readonly StreamedMessage[] {
  const current = useRef<readonly StreamedMessage[]>([]);
  const [drawn, setDrawn] = useState<readonly StreamedMessage[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const change = (messages: readonly StreamedMessage[], delay: number) => {
    current.current = messages;
    if (delay === 0) return setDrawn(messages);
    timer.current ??= setTimeout(() => {
      timer.current = null;
      setDrawn(current.current);
    }, delay);
  };
  useLiveEvents((event) => {
    // After a lost connection pieces are missing in between: the journal has the text, the stream begins afresh.
    if (event.type === 'open' || event.type === 'reset') change([], 0);
    if (event.type === 'delta' && event.sessionId === sessionId) change(withDelta(current.current, event), DRAW_MS);
    if (event.type !== 'feed' || event.topic !== 'journal' || event.payload.sessionId !== sessionId) return;
    let messages = current.current;
    for (const journaled of event.payload.events ?? []) {
      const message = payloadOf(journaled, 'message');
      if (message !== null) messages = withoutMessage(messages, message);
    }
    if (messages !== current.current) change(messages, 0);
  });
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );
  return drawn;
}
