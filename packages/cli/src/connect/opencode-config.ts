import { applyEdits, type JSONPath, modify, type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { type Launch, serverWords } from './launch.ts';

const SERVER = 'signalbox';
const NEW_FILE = '{\n  "$schema": "https://opencode.ai/config.json"\n}\n';
const INDENTED = /\n([ \t]+)\S/;

interface Config {
  plugin?: unknown;
  mcp?: unknown;
}

/**
 * OpenCode's configuration with our plugin and our MCP server, each once; all else as it is, comments as well.
 * @param text null where there is none yet. @throws SyntaxError where it is no JSON with comments
 */
export function connectedConfig(text: string | null, plugin: string, launch: Launch): string {
  const given = text === null || text.trim() === '' ? NEW_FILE : text;
  const { plugin: plugins } = read(given);
  const server = { type: 'local', command: serverWords(launch), enabled: true };
  const named = Array.isArray(plugins)
    ? plugins.includes(plugin)
      ? given
      : put(given, ['plugin', plugins.length], plugin)
    : put(given, ['plugin'], [plugin]);
  const known = serversIn(read(named))[SERVER];
  return JSON.stringify(known) === JSON.stringify(server) ? named : put(named, ['mcp', SERVER], server);
}

/** The same without them. What they leave empty goes as well. @throws SyntaxError */
export function disconnectedConfig(text: string, plugin: string): string {
  const { plugin: plugins } = read(text);
  const at = Array.isArray(plugins) ? plugins.indexOf(plugin) : -1;
  const alone = Array.isArray(plugins) && plugins.length === 1;
  const unplugged = at < 0 ? text : put(text, alone ? ['plugin'] : ['plugin', at], undefined);
  const servers = serversIn(read(unplugged));
  if (!(SERVER in servers)) return unplugged;
  return put(unplugged, Object.keys(servers).length === 1 ? ['mcp'] : ['mcp', SERVER], undefined);
}

function read(text: string): Config {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) throw new SyntaxError(`${printParseErrorCode(first.error)} at character ${first.offset}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyntaxError('it is no JSON object');
  return value as Config;
}

function serversIn({ mcp }: Config): Record<string, unknown> {
  return typeof mcp === 'object' && mcp !== null ? (mcp as Record<string, unknown>) : {};
}

function put(text: string, path: JSONPath, value: unknown): string {
  const indent = INDENTED.exec(text)?.[1] ?? '  ';
  const formattingOptions = {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  return applyEdits(text, modify(text, path, value, { formattingOptions }));
}
