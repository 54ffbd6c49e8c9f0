import { deltaChannelHistoryTests, validate } from '@langchain/langgraph-checkpoint-validation';
import { createClient } from '@signalbox/client';
import { Threads } from '@signalbox/core';
import { insertTestProject, pgliteBackend, postgresBackend, type TestDatabase } from '@signalbox/core/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inCore, overClient, SignalboxSaver } from './index.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

// LangChain's suite takes these from the global scope.
Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it });

const START_MS = 300_000;

for (const backend of [postgresBackend, pgliteBackend]) {
  let opened: TestDatabase;
  const initializer = {
    checkpointerName: `SignalboxSaver in process [${backend.name}]`,
    beforeAllTimeout: START_MS,
    beforeAll: async () => {
      opened = await backend.open();
    },
    afterAll: () => opened.close(),
    // A project of its own: nothing of one test is seen by another.
    createCheckpointer: async () =>
      new SignalboxSaver({
        backend: inCore(new Threads({ database: opened.database }), {
          projectId: await insertTestProject(opened.database),
        }),
      }),
  };
  describe(`LangGraph's own suite [${backend.name}]`, () => {
    validate(initializer);
    deltaChannelHistoryTests(initializer);
  });
}

let server: TestServer;
const overHttp = {
  checkpointerName: 'SignalboxSaver over HTTP',
  beforeAllTimeout: START_MS,
  beforeAll: async () => {
    server = await startTestServer();
  },
  afterAll: () => server?.stop(),
  createCheckpointer: async () => {
    const project = `p${crypto.randomUUID().slice(0, 8)}`;
    await createClient({ baseUrl: server.url }).projects.create({ slug: project, name: project });
    return new SignalboxSaver({ backend: overClient(createClient({ baseUrl: server.url, project })) });
  },
};
describe(`LangGraph's own suite [http]`, () => {
  validate(overHttp);
  deltaChannelHistoryTests(overHttp);
});
