import { answerOf, type CallOptions, type CreateOptions, type Transport } from '../transport/transport.ts';
import type { CreateUndo, ListQuery, Page, PreviewUndo, RedoUndo, Undo, UndoPlan } from '../types.ts';

/** How often an undo under way is looked at. */
const LOOK_MS = 200;

/** Taking back what sessions did, and keeping what came after. */
export function undoMethods({ http, creating }: Transport) {
  const ofId = (id: string) => ({ params: { path: { id } } });
  const get = (id: string, options: CallOptions = {}): Promise<Undo> =>
    answerOf(http.GET('/api/v1/undos/{id}', { ...ofId(id), ...options }));
  return {
    preview: (undo: PreviewUndo, options: CallOptions = {}): Promise<UndoPlan> =>
      answerOf(http.POST('/api/v1/undos/preview', { body: undo, ...options })),
    create: (undo: CreateUndo, options?: CreateOptions): Promise<Undo> =>
      answerOf(http.POST('/api/v1/undos', { body: undo, ...creating(options) })),
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Undo>> =>
      answerOf(http.GET('/api/v1/undos', { params: { query }, ...options })),
    get,
    redo: (id: string, how: RedoUndo = {}, options?: CreateOptions): Promise<Undo> =>
      answerOf(http.POST('/api/v1/undos/{id}/redo', { ...ofId(id), body: how, ...creating(options) })),
    cancel: (id: string, options: CallOptions = {}): Promise<Undo> =>
      answerOf(http.POST('/api/v1/undos/{id}/cancel', { ...ofId(id), ...options })),
    /** The undo once it is completed, failed or cancelled. */
    async finished(id: string, options: CallOptions = {}): Promise<Undo> {
      for (;;) {
        const undo = await get(id, options);
        if (['completed', 'failed', 'cancelled'].includes(undo.status)) return undo;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
  };
}
