import { createClient } from '@signalbox/client';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { localSources } from '../local-sources.ts';
import type { Output } from '../output/output.ts';
import { showFirstSession } from '../sample/show-first-session.ts';
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
export async function serve(sources: ReturnType<typeof localSources>, options: ServeOptions): Promise<void> {
  const { io, out, sample } = options;
  const stop = new StopRequest(io, () => process.exit(EXIT.interrupted));
  try {
    // Loaded here, so that no other command pays for it.
    const { createServer } = await import('@signalbox/server');
    const server = await createServer(sources);
    try {
      const { address } = await server.start();
      // Counted from the start of the process, so that what it takes to load the program is in it.
      const readyMs = Math.round(performance.now());
      const { dataDir, database, notices, auth } = server;
      out.record({ ready: { address, dataDir, database, auth, notices, readyMs } });
      out.line(`${out.style('green', 'Signalbox is ready')} in ${readyMs} ms at ${out.style('bold', address)}`);
      out.fields([
        ['  data', dataDir],
        ['  database', `${database.kind} ${database.version}`],
        ['  access', auth],
      ]);
      for (const notice of notices) out.line(out.style('yellow', `  note: ${notice}`));
      if (sample && !stop.signal.aborted) {
        const client = createClient({ baseUrl: address, token: io.env.SIGNALBOX_TOKEN, actor: 'signalbox' });
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
