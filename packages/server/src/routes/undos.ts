import { parseListQuery, UNDO_FIELDS, type Undos } from '@signalbox/core';
import * as contract from '../contract/undos.ts';
import type { Serve } from '../http/serve.ts';

export function undoRoutes(serve: Serve, undos: Undos): void {
  serve(contract.previewUndo, ({ body }, { projectId }) => undos.preview(projectId, body));
  serve(contract.createUndo, ({ body }, { projectId, actor }) => undos.create(projectId, body, actor));
  serve(contract.listUndos, ({ query }, { projectId }) => undos.list(projectId, parseListQuery(UNDO_FIELDS, query)));
  serve(contract.getUndo, ({ params }, { projectId }) => undos.get(projectId, params.id));
  serve(contract.redoUndo, ({ params, body }, { projectId, actor }) => undos.redo(projectId, params.id, body, actor));
  serve(contract.cancelUndo, ({ params }, { projectId, actor }) => undos.cancel(projectId, params.id, actor));
}
