import { writeFileSync } from 'node:fs';
import ts from 'typescript';

/** The least that any indexer with types does: for each name of each file, what it means. Writes how many there are. */
const [root = '', output = ''] = process.argv.slice(2);
const read = ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile);
const { options, fileNames } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
const program = ts.createProgram({ rootNames: fileNames, options });
const checker = program.getTypeChecker();
let known = 0;
/** @param {import('typescript').Node} node */
function look(node) {
  if (ts.isIdentifier(node) && checker.getSymbolAtLocation(node)) known += 1;
  ts.forEachChild(node, look);
}
for (const name of fileNames) {
  const file = program.getSourceFile(name);
  if (file) look(file);
}
writeFileSync(output, String(known));
