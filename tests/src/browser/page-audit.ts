import type { Page } from 'playwright-core';

/** Something about a page that keeps people out. */
export interface Barrier {
  rule: 'contrast' | 'name' | 'structure' | 'focus';
  where: string;
  what: string;
}

/** Least contrast of text and its ground (WCAG 2.2, 1.4.3): large text is 24 px, or 18.66 px and bold. */
const CONTRAST = { normal: 4.5, large: 3 };

/**
 * Looks for what assistive technology and weak eyes stumble over: text too faint for its ground, controls without a name,
 * a page without landmarks or with headings that skip a level, tab orders set by hand. Looks at what is drawn, as it is
 * drawn.
 */
export function auditPage(page: Page): Promise<Barrier[]> {
  return page.evaluate((least) => {
    const barriers: Barrier[] = [];
    const nameOf = (element: Element) =>
      `${element.tagName.toLowerCase()}${element.className && typeof element.className === 'string' ? `.${element.className.split(' ')[0]}` : ''} "${(element.textContent ?? '').trim().slice(0, 40)}"`;
    const report = (rule: Barrier['rule'], element: Element, what: string) =>
      barriers.push({ rule, where: nameOf(element), what });

    // One pixel of a canvas knows every way to write a colour.
    const canvas = document.createElement('canvas');
    canvas.width = 1;
    canvas.height = 1;
    const paint = canvas.getContext('2d', { willReadFrequently: true });
    if (paint === null) throw new Error('no canvas');
    type Color = readonly [number, number, number, number];
    const read = (text: string): Color => {
      paint.clearRect(0, 0, 1, 1);
      paint.fillStyle = text;
      paint.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 0] = paint.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = (top: Color, below: Color): Color => {
      const mix = (index: 0 | 1 | 2) => top[index] * top[3] + below[index] * (1 - top[3]);
      return [mix(0), mix(1), mix(2), 1];
    };
    const groundOf = (element: Element | null): Color => {
      if (element === null) return [255, 255, 255, 1];
      const own = read(getComputedStyle(element).backgroundColor);
      return own[3] === 1 ? own : over(own, groundOf(element.parentElement));
    };
    const luminance = ([r, g, b]: Color) => {
      const linear = (value: number) =>
        value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
      return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    };
    const contrast = (a: Color, b: Color) => {
      const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
      return (light + 0.05) / (dark + 0.05);
    };
    const isShown = (element: Element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const looked = new Set<Element>();
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const element = node.parentElement;
      if (element === null || (node.textContent ?? '').trim() === '' || looked.has(element)) continue;
      looked.add(element);
      if (!isShown(element) || element.closest(':disabled, [aria-hidden="true"], script, style, noscript')) continue;
      const style = getComputedStyle(element);
      const ground = groundOf(element);
      const ratio = contrast(over(read(style.color), ground), ground);
      const size = Number.parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (large ? least.large : least.normal)) report('contrast', element, `${ratio.toFixed(2)} : 1`);
    }

    const labelled = (element: Element): string => {
      const by = element.getAttribute('aria-labelledby');
      const byText = by?.split(' ').map((id) => document.getElementById(id)?.textContent ?? '');
      const labels =
        element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? element.labels : null;
      const inner = [...element.querySelectorAll('[aria-label], img[alt]')].map(
        (each) => each.getAttribute('aria-label') ?? each.getAttribute('alt') ?? '',
      );
      return [
        element.getAttribute('aria-label') ?? '',
        ...(byText ?? []),
        ...[...(labels ?? [])].map((label) => label.textContent ?? ''),
        element instanceof HTMLInputElement ? '' : (element.textContent ?? ''),
        ...inner,
        element.getAttribute('title') ?? '',
      ]
        .join(' ')
        .trim();
    };
    const controls =
      'a[href], button, input:not([type="hidden"]), select, textarea, [role="button"], [role="radio"], [role="grid"], [role="log"], [role="dialog"], nav, section, [role="img"]';
    for (const element of document.querySelectorAll(controls)) {
      if (!isShown(element) || element.closest('[aria-hidden="true"]')) continue;
      if (labelled(element) === '') report('name', element, 'has no name');
    }
    for (const element of document.querySelectorAll('[tabindex]')) {
      if (Number(element.getAttribute('tabindex')) > 0) report('focus', element, 'sets its own place in the tab order');
    }

    const count = (selector: string) => document.querySelectorAll(selector).length;
    if (document.documentElement.lang === '') report('structure', document.documentElement, 'names no language');
    if (document.title.trim() === '') report('structure', document.head, 'has no title');
    if (count('main') !== 1) report('structure', document.body, `${count('main')} main parts`);
    if (count('h1') !== 1) report('structure', document.body, `${count('h1')} headings of the first level`);
    let level = 0;
    for (const heading of document.querySelectorAll('h1, h2, h3, h4')) {
      const next = Number(heading.tagName.slice(1));
      if (next > level + 1) report('structure', heading, `follows a heading of level ${level}`);
      level = next;
    }
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    for (const id of new Set(ids.filter((each, index) => ids.indexOf(each) !== index))) {
      report('structure', document.body, `two elements have the id ${id}`);
    }
    return barriers;
  }, CONTRAST);
}
