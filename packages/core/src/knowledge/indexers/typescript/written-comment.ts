import ts from 'typescript';

/** The comment before a declaration as it is written, without its stars and the names of its tags: for sources whose comments were not parsed. */
export function writtenComment(node: ts.Declaration, file: ts.SourceFile): { text: string; isDeprecated: boolean } {
  const holder = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const ranges = ts.getLeadingCommentRanges(file.text, holder.pos) ?? [];
  const comment = ranges.map(({ pos, end }) => file.text.slice(pos, end)).findLast((text) => text.startsWith('/**'));
  if (comment === undefined) return { text: '', isDeprecated: false };
  const lines = comment
    .slice(3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''));
  return {
    text: lines
      .map((line) => line.replace(/^@\w+ ?/, ''))
      .join('\n')
      .trim(),
    isDeprecated: lines.some((line) => /^@deprecated\b/.test(line)),
  };
}
