export { runCli } from './cli-call.ts';
export { CliProcess } from './cli-process.ts';
export { PROGRAM } from './program.ts';
export { type ServedCli, serveCli } from './serve-cli.ts';
export { temporaryFolder } from './temporary-folder.ts';
