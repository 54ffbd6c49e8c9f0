import type { Asked, Told } from '../../imports/report-adapter.ts';
import type { FindingSeverity } from '../../vocabulary/terms.ts';
import type { EntityFacts } from '../file-facts.ts';
import { packageId } from '../packages/package-id.ts';

/** That a version of a package is vulnerable. */
export interface Advisory {
  id: string;
  packageName: string;
  /** Empty where the report does not say which is installed. */
  version: string;
  severity: FindingSeverity;
  description: string;
  cvssScore: number | null;
  affectedVersions: string;
  fixedInVersion: string;
  publishedAt: string | null;
  lastUpdated: string | null;
  cwe: string[];
  url: string | null;
}

export interface AdvisoryReport {
  advisories: Advisory[];
}

export function askForAdvisories(): Asked {
  return { entities: [], symbolsOf: [], before: false };
}

/** DEPENDS_ON_VULNERABLE from each package to each advisory that is about it. */
export function tellAdvisories({ advisories }: AdvisoryReport): Told {
  const entities = new Map<string, EntityFacts>();
  const relationships = advisories.map((one) => {
    const { id: vulnerabilityId, cvssScore, publishedAt, lastUpdated, cwe, url, ...told } = one;
    const id = `vulnerability:${vulnerabilityId}#${one.packageName}`;
    entities.set(id, {
      ...told,
      id,
      type: 'vulnerability',
      vulnerabilityId,
      ...(cvssScore === null ? {} : { cvssScore }),
      ...(publishedAt === null ? {} : { publishedAt }),
      ...(lastUpdated === null ? {} : { lastUpdated }),
      metadata: { cwe, url },
    });
    return {
      type: 'DEPENDS_ON_VULNERABLE',
      fromEntityId: packageId(one.packageName),
      toEntityId: id,
      severity: one.severity,
      status: 'open',
      ...(cvssScore === null ? {} : { cvssScore }),
      ...(one.version === '' ? {} : { metadata: { version: one.version } }),
    };
  });
  return { units: [{ name: 'all', entities: [...entities.values()], relationships }], isAll: true };
}
