/** One step into a value: the name of a property, or the position in an array. */
export type PathStep = string | number;

/** Names that need no quoting in a path. */
const PLAIN = /^[^.[\]"]+$/;
/** A property at the start, a property after a dot, a position, or a quoted name. */
const STEP = /(?:^|\.)([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/gy;

/**
 * Steps as text (RB-049): `a.b[0]`, and `["a.b"]` for names that would be misread. No steps, the value itself, is the
 * empty text.
 */
export function formatPath(steps: readonly PathStep[]): string {
  let text = '';
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (PLAIN.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** The steps that {@link formatPath} wrote. @throws SyntaxError for any other text */
export function parsePath(text: string): PathStep[] {
  const steps: PathStep[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const at = STEP.lastIndex;
    const [, name, position, quoted] = STEP.exec(text) ?? [];
    if (name !== undefined) steps.push(name);
    else if (position !== undefined) steps.push(Number(position));
    else if (quoted !== undefined) steps.push(JSON.parse(quoted) as string);
    else throw new SyntaxError(`"${text}" is not a path: it cannot be read from character ${at} on`);
  }
  return steps;
}
