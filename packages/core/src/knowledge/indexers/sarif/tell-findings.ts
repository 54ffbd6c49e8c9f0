import { createHash } from 'node:crypto';
import { symbolAt } from '../../imports/known-symbols.ts';
import type { Known, ReportUnit, Telling, Told } from '../../imports/report-adapter.ts';
import { isFindingKept } from '../../noise/keep-findings.ts';
import type { Finding, SarifReport } from './read-sarif.ts';

/** How long it is told of a finding that it was fixed. */
const FIXED_FOR_MS = 90 * 24 * 3600 * 1000;

/**
 * HAS_SECURITY_ISSUE from what stands at its place to each finding. One that was there before and is not any more is fixed (KG-301), and
 * leads nowhere. Findings are told apart by tool, rule, what they are about and the code there, not by line: an edit above changes nothing.
 */
export function tellFindings({ tools, findings, passed }: SarifReport, known: Known, telling: Telling): Told {
  const { at, noise } = telling;
  const units = new Map(tools.map((name) => [name, { name, entities: [], relationships: [] } as ReportUnit]));
  const counted = new Map<string, number>();
  const now = new Set<string>();
  let faint = 0;
  for (const finding of findings) {
    const affected = affectedBy(finding, known);
    const key = JSON.stringify([finding.tool, finding.ruleId, affected, finding.snippet.trim() || finding.description]);
    // Several of the same in one place are told apart by their order.
    const nth = counted.get(key) ?? 0;
    counted.set(key, nth + 1);
    const id = `issue:${createHash('sha256')
      .update(`${key}${nth || ''}`)
      .digest('hex')
      .slice(0, 24)}`;
    // One that is there still is not fixed, however faint it is by now.
    now.add(id);
    const unit = units.get(finding.tool);
    if (!unit || !isFindingKept(finding.severity, finding.confidence, noise)) {
      faint += 1;
      continue;
    }
    const before = known.before.get(id)?.entity;
    const { path, line, snippet: codeSnippet, cwe, owasp, ...told } = finding;
    unit.entities.push({
      ...told,
      id,
      type: 'securityIssue',
      ...(cwe === null ? {} : { cwe: `CWE-${cwe}` }),
      ...(owasp === null ? {} : { owasp }),
      affectedEntityId: affected,
      lineNumber: line ?? 0,
      codeSnippet,
      discoveredAt: before?.discoveredAt ?? at.toISOString(),
      lastScanned: at.toISOString(),
      ...(path === null ? {} : { metadata: { path } }),
    });
    if (finding.status === 'fixed') continue;
    unit.relationships.push({
      type: 'HAS_SECURITY_ISSUE',
      fromEntityId: affected,
      toEntityId: id,
      severity: finding.severity,
      status: finding.status,
      ...(path === null ? {} : { locations: [line === null ? { path } : { path, line }] }),
    });
  }
  for (const { entity } of known.before.values()) {
    const unit = units.get(String(entity.tool));
    const fresh = at.getTime() - Date.parse(String(entity.lastScanned)) <= FIXED_FOR_MS;
    if (!unit || now.has(entity.id)) continue;
    // It was seen last when it was there last.
    if (entity.status !== 'fixed' || fresh) unit.entities.push({ ...entity, status: 'fixed' });
  }
  const leftOut = { 'results that found nothing': passed, 'findings too faint to count': faint };
  return { units: [...units.values()], leftOut: Object.fromEntries(Object.entries(leftOut).filter(([, n]) => n > 0)) };
}

function affectedBy({ path, line, tool }: Finding, { symbols }: Known): string {
  if (path === null) return `external:${tool}`;
  const symbol = line === null ? undefined : symbolAt(symbols.get(path) ?? [], line);
  return symbol?.id ?? `file:${path}`;
}
