import { FINDING_SEVERITIES, type FindingSeverity } from '../vocabulary/terms.ts';
import type { NoiseSettings } from './noise-settings.ts';

/** Whether a name may make a reference edge: long enough, and on no list of those that may not (KG-152). */
export function isTellingName(name: string, settings: NoiseSettings): boolean {
  return name.length >= settings.AST_MIN_NAME_LENGTH && !settings.AST_STOPLIST_EXTRA.has(name.toLowerCase());
}

/** Confidence that a document which mentions a name this often is about it; null for a link that is not made (KG-152). */
export function docLinkConfidence(name: string, mentions: number, settings: NoiseSettings): number | null {
  const distinctive = name.length >= settings.DOC_LINK_LONG_NAME;
  if (mentions < 1 || (mentions < settings.DOC_LINK_MIN_OCCURRENCES && !distinctive)) return null;
  const counted = Math.min(1, settings.DOC_LINK_BASE_CONF + settings.DOC_LINK_STEP_CONF * (mentions - 1));
  return distinctive ? Math.max(counted, settings.DOC_LINK_STRONG_NAME_CONF) : counted;
}

/** Whether a finding of a security tool is kept (KG-152). */
export function isFindingKept(severity: FindingSeverity, confidence: number, settings: NoiseSettings): boolean {
  const grave = FINDING_SEVERITIES.indexOf(severity) <= FINDING_SEVERITIES.indexOf(settings.SECURITY_MIN_SEVERITY);
  return grave && confidence >= settings.SECURITY_MIN_CONFIDENCE;
}
