import { Button } from '@mantine/core';
import type { PolicyVersion } from '@signalbox/client';
import { useState } from 'react';
import { TextDiff } from '../session/text-diff.tsx';
import { Age } from '../ui/age.tsx';
import { Listed } from '../ui/listed.tsx';
import { Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import classes from './policies.module.css';
import { policyText } from './policy-text.ts';
import { usePolicyVersions } from './use-policies.ts';

interface Props {
  id: string;
  current: number;
  /** The text in the editor, with which versions are compared. */
  text: string;
  onRestore: (version: PolicyVersion) => void;
}

/** What the policy was before. A restored version is a new one: nothing is lost by it. */
export function VersionsPanel({ id, current, text, onRestore }: Props) {
  const versions = usePolicyVersions(id);
  const [open, setOpen] = useState<number | null>(null);
  const shown = versions.items.find(({ version }) => version === open);
  return (
    <Panel title="Versions">
      <Listed list={versions} blank={null}>
        <table className={table.table}>
          <thead>
            <tr>
              <th>Version</th>
              <th>By</th>
              <th>When</th>
              <th>Rules</th>
              <th>
                <span className={table.hidden}>Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {versions.items.map((version) => (
              <tr key={version.id}>
                <td className={table.strong}>
                  {version.version}
                  {version.version === current && <span className={table.muted}> in force</span>}
                </td>
                <td>{version.changedBy}</td>
                <td>
                  <Age since={version.changedAt} />
                </td>
                <td>
                  {version.document.rules.length}
                  {!version.enabled && <span className={table.muted}>, switched off</span>}
                </td>
                <td className={table.act}>
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-expanded={open === version.version}
                    aria-label={`Compare version ${version.version}`}
                    onClick={() => setOpen(open === version.version ? null : version.version)}
                  >
                    Compare
                  </Button>{' '}
                  <Button
                    size="compact-xs"
                    variant="default"
                    disabled={version.version === current}
                    aria-label={`Restore version ${version.version}`}
                    onClick={() => onRestore(version)}
                  >
                    Restore…
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Listed>
      {shown !== undefined && (
        <div className={classes.inset}>
          <p className={classes.quiet}>From version {shown.version} to what stands in the editor:</p>
          <TextDiff path={`version ${shown.version}`} before={policyText(shown.document)} after={text} />
        </div>
      )}
    </Panel>
  );
}
