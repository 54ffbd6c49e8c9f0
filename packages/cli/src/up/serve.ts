import { createClient } from '@signalbox/client';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { LocalSources } from '../local-sources.ts';
import type { Output } from '../output/output.ts';
import { showFirstSession } from '../sample/show-first-session.ts';
import { logIsSeen } from './log-is-seen.ts';
import { StopRequest } from './stop-request.ts';

export interface ServeOptions {
  io: Io;
  out: Output;
  /** Run the sample session on new data. */
  sample: boolean;
}

/**
 * Runs a server in the foreground until somebody wants it to stop, and says what there is to say about it: for people in
 * sentences, with `--json` as one line when it is ready.
 */
export async function serve(sources: LocalSources, options: ServeOptions): Promise<void> {
  const { io, out, sample } = options;
  const stop = new StopRequest(io, () => process.exit(EXIT.interrupted));
  try {
    // Loaded here, so that no other command pays for it.
    const [{ createServer }, { loadConfiguration }] = await Promise.all([
      import('@signalbox/server'),
      import('@signalbox/server/local'),
    ]);
    const loaded = loadConfiguration(sources);
    const configuration =
      loaded.origins.logLevel === 'default' && logIsSeen(io) ? loadConfiguration(quiet(sources)) : loaded;
    const { dataDir, auth } = configuration.values;
    const server = createServer({ configuration });
    try {
      const facts = await server.start();
      // Counted from the start of the process, so that what it takes to load the program is in it.
      const readyMs = Math.round(performance.now());
      sayReady({ ...facts, dataDir, auth, readyMs }, out);
      if (sample && !stop.signal.aborted) {
        const client = createClient({ baseUrl: facts.address, token: io.env.SIGNALBOX_TOKEN, actor: 'signalbox' });
        await showFirstSession(client, dataDir, out, stop.signal);
      }
      await stop.requested;
      out.note('Stopping…');
    } finally {
      await server.stop();
    }
  } finally {
    stop.dispose();
  }
}

interface ReadyFacts {
  address: string;
  version: string;
  nodeId: string;
  database: { kind: string; version: string };
  notices: string[];
  dataDir: string;
  auth: string;
  readyMs: number;
}

function sayReady(ready: ReadyFacts, out: Output): void {
  const { address, database, dataDir, auth, notices, readyMs } = ready;
  out.record({ ready });
  out.line(`${out.style('green', 'Signalbox is ready')} in ${readyMs} ms at ${out.style('bold', address)}`);
  out.fields([
    ['  data', dataDir],
    ['  database', `${DATABASES[database.kind] ?? database.kind} ${database.version}`],
    ['  access', auth === 'open' ? 'open to this machine' : 'with keys'],
  ]);
  for (const notice of notices) out.line(out.style('yellow', `  note: ${notice}`));
}

const DATABASES: Readonly<Record<string, string>> = {
  server: 'PostgreSQL server',
  embedded: 'embedded PostgreSQL',
  pglite: 'PGlite with PostgreSQL',
};

/** Where people read it, between what we say, only what is amiss belongs there, unless more is asked for. */
function quiet(sources: LocalSources): LocalSources {
  return { ...sources, flags: { ...sources.flags, logLevel: 'warn' } };
}
