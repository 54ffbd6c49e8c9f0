/** A call of a tool, as its runtime reports it. */
export interface NamedCall {
  tool: string;
  arguments: Readonly<Record<string, unknown>>;
}

/** Tools that cannot change a file: no look at the workspace is needed around them. */
const READ_ONLY_TOOLS = new Set([
  'read',
  'list',
  'glob',
  'grep',
  'webfetch',
  'websearch',
  'todoread',
  'todowrite',
  'askuserquestion',
  'toolsearch',
]);

/** Tools that change nothing themselves: what their subagents do, those report with calls of their own. */
const DELEGATING_TOOLS = new Set(['task', 'agent']);

/** Arguments in which agents name the one file that a tool writes. */
const FILE_ARGUMENTS = ['filePath', 'file_path', 'notebook_path', 'path'] as const;
const ONE_FILE_TOOLS = new Set(['write', 'edit', 'multiedit', 'notebookedit']);
const PATCH_TOOLS = new Set(['patch', 'apply_patch']);
/** Lines of a patch that name a file. */
const PATCHED_FILE = /^\*\*\* (?:Add File|Update File|Delete File|Move to): (.+)$/gm;

/** Which files a call writes, as it names them; null where it does not say: then it may write any. */
export function writtenPaths({ tool, arguments: given }: NamedCall): string[] | null {
  const name = tool.toLowerCase();
  if (READ_ONLY_TOOLS.has(name) || DELEGATING_TOOLS.has(name)) return [];
  if (ONE_FILE_TOOLS.has(name)) {
    const path = FILE_ARGUMENTS.map((argument) => given[argument]).find((value) => typeof value === 'string');
    return typeof path === 'string' ? [path] : null;
  }
  if (!PATCH_TOOLS.has(name)) return null;
  const patch = given.patchText ?? given.patch ?? given.input;
  const paths =
    typeof patch === 'string' ? [...patch.matchAll(PATCHED_FILE)].map((line) => (line[1] as string).trim()) : [];
  return paths.length > 0 ? [...new Set(paths)] : null;
}
