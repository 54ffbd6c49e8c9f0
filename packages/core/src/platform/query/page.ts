import { SignalboxError } from '../errors/index.ts';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;
const MAX_PAGE = 1_000_000;

/** One page of a list (ORC-099). A page past the end has no items and the true totals. */
export interface Page<T> {
  items: T[];
  /** Rows that match the filters, on all pages. */
  total: number;
  page: number;
  pageSize: number;
  totalPages: number;
  hasNext: boolean;
  hasPrevious: boolean;
  /** Goes on after the last item however the list grows meanwhile; null on the last page. */
  nextCursor: string | null;
}

/** @throws PAGE_OUT_OF_RANGE for page 0 or a page size outside 1…100 (CTL-011). */
export function checkPage(page: number, pageSize: number): void {
  inRange('page', page, MAX_PAGE);
  inRange('pageSize', pageSize, MAX_PAGE_SIZE);
}

function inRange(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new SignalboxError('PAGE_OUT_OF_RANGE', { name, min: 1, max, value });
  }
}

export function pageOf<T>(
  items: T[],
  total: number,
  page: number,
  pageSize: number,
  nextCursor: string | null,
): Page<T> {
  const totalPages = Math.ceil(total / pageSize);
  return {
    items,
    total,
    page,
    pageSize,
    totalPages,
    hasNext: page < totalPages,
    hasPrevious: page > 1,
    nextCursor,
  };
}
