import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { type LocalOptions, localOptions, localSources } from '../local-sources.ts';
import { serve } from '../up/serve.ts';

interface UpOptions extends LocalOptions {
  host?: string;
  port?: string;
  roles?: string;
  auth?: string;
  logLevel?: string;
  sample?: boolean;
}

const NOTES = `
Stops on Ctrl-C or SIGTERM: running sessions are handled as runner.onStop says, then the database is stopped. A second
Ctrl-C ends at once. Every setting can also stand in signalbox.config.yaml or the environment; \`signalbox doctor --all\`
lists them.`;

export function registerUp(program: Command, registry: Registry): void {
  localOptions(program.command('up').description('run the server here, until it is stopped'))
    .option('--host <address>', 'address to listen on (SIGNALBOX_HOST; 127.0.0.1 without)')
    .option('--port <number>', 'port to listen on, 0 for any free one (SIGNALBOX_PORT; 4780 without)')
    .option('--roles <list>', 'what this node does: api, scheduler, runner, maintenance; all without')
    .option('--auth <mode>', 'open or required (SIGNALBOX_AUTH; open without)')
    .option(
      '--log-level <level>',
      'how much is logged, to stderr (SIGNALBOX_LOG_LEVEL; info, but warn where stderr is a terminal or goes where stdout goes)',
    )
    .option('--sample', 'run the sample session once, as `npm start` does')
    .addHelpText('after', NOTES)
    .action(
      action<[], UpOptions>(registry, async ({ io, out }, _args, options) => {
        const sources = localSources(io, options, {
          host: options.host,
          port: options.port,
          roles: options.roles,
          auth: options.auth,
          logLevel: options.logLevel,
        });
        await serve(sources, { io, out, sample: options.sample === true });
      }),
    );
}
