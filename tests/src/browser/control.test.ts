import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOpencodeRuntime } from '@signalbox/runtimes';
import { afterAll, describe } from 'vitest';
import { opencodeOrSkip } from '../opencode/opencode-program.ts';
import { browserSuite, chromium } from './browser-suite.ts';
import { agentApprovals } from './control/agent-approvals.ts';
import { approvalPages } from './control/approvals.ts';
import { auditPages } from './control/audit.ts';
import { barriers } from './control/barriers.ts';
import { budgetPage } from './control/budgets.ts';
import { controlSuite, HOUSE } from './control/control-suite.ts';
import { keyPage } from './control/keys.ts';
import { plantedSecrets, REGISTERED } from './control/planted-secrets.ts';
import { policyPages } from './control/policies.ts';
import { webhookPages } from './control/webhooks.ts';

const program = await opencodeOrSkip(1);
const stateDir = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-opencode-')));

// One server and one page for all of them: starting these takes longer than most tests. They come in this order.
describe.skipIf(chromium === null)('approvals, policies, keys and the audit in a browser', () => {
  const made = { workspaceId: '', driven: '' };
  const suite = browserSuite(
    async (server) => {
      const client = server.client();
      await mkdir(join(server.workspace, 'src'));
      await writeFile(join(server.workspace, 'src/sum.ts'), 'const sum = a + b;\nreturn Math.floor(sum);\n');
      made.workspaceId = (await client.workspaces.create({ path: server.workspace })).id;
      await client.policies.create({ document: HOUSE });
      const { workspaceId } = made;
      const work = { title: 'Mend the sums', initialPrompt: 'Mend them.', workspaceId, start: true };
      made.driven = (await client.sessions.create(work)).id;
    },
    {
      runtimes: program === null ? [] : [createOpencodeRuntime({ stateDir, program })],
      settings: { SIGNALBOX_WEBHOOKS_ALLOW_PRIVATE: 'true', SIGNALBOX_SECRETS: REGISTERED },
    },
  );
  afterAll(() => rm(stateDir, { recursive: true, force: true }));

  const control = controlSuite(suite, made);
  agentApprovals(control, program);
  approvalPages(control);
  policyPages(control);
  keyPage(control);
  budgetPage(control);
  webhookPages(control);
  auditPages(control);
  plantedSecrets(control);
  barriers(control);
});
