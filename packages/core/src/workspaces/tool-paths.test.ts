import { expect, test } from 'vitest';
import { writtenPaths } from './tool-paths.ts';

const of = (tool: string, given: Record<string, unknown>) => writtenPaths({ tool, arguments: given });

test('tools that write name their files in the ways of their makers', () => {
  expect(of('write', { filePath: '/w/a.ts', content: '' })).toEqual(['/w/a.ts']);
  expect(of('edit', { filePath: 'a.ts', oldString: 'path: b' })).toEqual(['a.ts']);
  expect(of('Edit', { file_path: '/w/a.ts' })).toEqual(['/w/a.ts']);
  expect(of('NotebookEdit', { notebook_path: 'n.ipynb' })).toEqual(['n.ipynb']);
  const patchText = `*** Begin Patch
*** Add File: new.ts
+*** Update File: not/this.ts
*** Update File: old.ts
*** Move to: moved.ts
@@
-a
+b
*** Delete File: gone.ts
*** Update File: old.ts
*** End Patch`;
  expect(of('apply_patch', { patchText })).toEqual(['new.ts', 'old.ts', 'moved.ts', 'gone.ts']);
});

test('tools that only read, or have others write, name nothing', () => {
  expect(of('read', { filePath: 'a.ts' })).toEqual([]);
  expect(of('task', { prompt: 'write a.ts' })).toEqual([]);
});

test('what a shell or an unknown tool writes cannot be known', () => {
  expect(of('bash', { command: 'echo > a.ts' })).toBeNull();
  expect(of('github_create_file', { path: 'a.ts' })).toBeNull();
  expect(of('write', {})).toBeNull();
  expect(of('apply_patch', { patchText: 'nonsense' })).toBeNull();
});
