import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { changedText } from './changed-file.ts';
import type { AgentFile } from './connectable-agent.ts';
import { bytesOf } from './file-plan.ts';
import { hookWords, type Launch } from './launch.ts';
import { connectedConfig, disconnectedConfig } from './opencode-config.ts';

const PLUGIN_SOURCE = fileURLToPath(new URL('../../opencode/signalbox.js', import.meta.url));
/** The line of it that says how to start the hook. */
const HOOK_LINE = /^const \[PROGRAM, \.\.\.WORDS\] = .*$/m;

/**
 * Beside the configuration, not in `.opencode`: in such a directory OpenCode installs packages from the network with its
 * first start, and whoever disconnects would be left with them.
 */
const PLUGIN_FILE = '.signalbox-opencode.js';

/** The files of a project that OpenCode reads: our plugin, and its configuration in whichever of both forms it is. */
export async function opencodeFiles(directory: string): Promise<AgentFile[]> {
  const [plugin, json, jsonc] = allOpencodeFiles(directory);
  return [plugin, (await bytesOf(json.path)) === null && (await bytesOf(jsonc.path)) !== null ? jsonc : json];
}

/** The same with both forms. */
export function allOpencodeFiles(directory: string): [plugin: AgentFile, json: AgentFile, jsonc: AgentFile] {
  return [
    { path: join(directory, PLUGIN_FILE), connect: (_before, launch) => pluginFor(launch), disconnect: () => null },
    configFile(join(directory, 'opencode.json')),
    configFile(join(directory, 'opencode.jsonc')),
  ];
}

function configFile(path: string): AgentFile {
  const plugin = `./${PLUGIN_FILE}`;
  return {
    path,
    connect: (before, launch) => changedText(path, before, (text) => connectedConfig(text, plugin, launch)),
    disconnect: (now) => changedText(path, now, (text) => disconnectedConfig(text ?? '', plugin)),
  };
}

/** The plugin, with the words that start the hook where it is to run. */
function pluginFor(launch: Launch): Buffer {
  const words = JSON.stringify(hookWords('opencode', launch, true));
  const text = readFileSync(PLUGIN_SOURCE, 'utf8').replace(HOOK_LINE, () => `const [PROGRAM, ...WORDS] = ${words};`);
  return Buffer.from(text, 'utf8');
}
