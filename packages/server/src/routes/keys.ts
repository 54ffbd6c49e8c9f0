import type { ApiKeys } from '@signalbox/core';
import * as contract from '../contract/keys.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage } from './numbered-page.ts';

export function keyRoutes(serve: Serve, keys: ApiKeys): void {
  serve(contract.listKeys, ({ query }, { projectId }) =>
    numberedPage(query, (page, pageSize) => keys.list(projectId, page, pageSize)),
  );
  serve(contract.createKey, async ({ body }, { projectId, actor }) => {
    const { key, secret } = await keys.create(projectId, body, actor);
    return { ...key, secret };
  });
  serve(contract.rotateKey, async ({ params, body, version }, { projectId, actor }) => {
    const { key, secret } = await keys.rotate(projectId, params.id, version, body, actor);
    return { ...key, secret };
  });
  serve(contract.revokeKey, ({ params, version }, { projectId, actor }) =>
    keys.revoke(projectId, params.id, version, actor),
  );
}
