import { join } from 'node:path';
import { type Core, parseListQuery, WORK_TREE_FIELDS } from '@signalbox/core';
import * as contract from '../contract/worktrees.ts';
import type { Serve } from '../http/serve.ts';

export function workTreeRoutes(
  serve: Serve,
  { workTrees, captureStores, captures }: Pick<Core, 'workTrees' | 'captureStores' | 'captures'>,
): void {
  serve(contract.listWorkTrees, ({ query }, { projectId }) =>
    workTrees.list(projectId, parseListQuery(WORK_TREE_FIELDS, query)),
  );
  serve(contract.getWorkTree, ({ params }, { projectId }) => workTrees.get(projectId, params.id));
  serve(contract.previewWorkTree, ({ params }, { projectId }) => workTrees.preview(projectId, params.id));
  serve(contract.mergeWorkTree, ({ params, version }, { projectId, actor }) =>
    workTrees.merge(projectId, params.id, actor, version),
  );
  serve(contract.discardWorkTree, ({ params, version }, { projectId, actor }) =>
    workTrees.discard(projectId, params.id, actor, version),
  );
  serve(contract.getLeftovers, async (_given, { projectId }) => {
    const [{ trees, strays }, stores] = await Promise.all([workTrees.leftOver(projectId), captureStores.stores()]);
    return {
      workTrees: trees,
      strayWorkTrees: strays,
      strayCaptureStores: stores.strays.map((name) => join(captures.directory, name)),
    };
  });
}
