import { Button } from '@mantine/core';
import type { ApiKey, CreatedApiKey } from '@signalbox/client';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { Age } from '../ui/age.tsx';
import { Blank } from '../ui/blank.tsx';
import { useNow } from '../ui/clock.ts';
import { confirm } from '../ui/confirm.tsx';
import { formatDateTime, NOTHING } from '../ui/format.ts';
import { Listed } from '../ui/listed.tsx';
import { LookBadge } from '../ui/look-badge.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { RotateDialog } from '../ui/rotate-dialog.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import table from '../ui/table.module.css';
import { Until } from '../ui/until.tsx';
import { BrowserSessions } from './browser-sessions.tsx';
import { KEY_LOOKS, keyState } from './key-state.ts';
import { NewKeyDialog } from './new-key-dialog.tsx';
import { useKeys, useKeysChanged } from './use-keys.ts';

/** Who and what may talk to this project, and as what. */
export function KeysPage() {
  const { client } = useApi();
  const changed = useKeysChanged();
  const list = useKeys();
  const [asking, setAsking] = useState<'new' | ApiKey | null>(null);
  const [made, setMade] = useState<CreatedApiKey | null>(null);
  const total = list.total ?? 0;
  const shown = (created: CreatedApiKey) => {
    setAsking(null);
    setMade(created);
  };
  return (
    <Page
      title="Keys"
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setAsking('new')}
        >
          New key
        </Button>
      }
    >
      <Listed
        list={list}
        blank={
          <Blank icon={<IconKey size={28} />} title="No keys yet">
            Without <code>SIGNALBOX_AUTH=required</code> nobody needs one on this machine. Elsewhere each program and
            person gets a key of their own, with no more than the role they need.
          </Blank>
        }
      >
        <Panel title={`${total} ${total === 1 ? 'key' : 'keys'}`} note="secrets are shown once, when they are made">
          <KeyTable keys={list.items} onRotate={setAsking} />
        </Panel>
      </Listed>
      <BrowserSessions />
      {asking === 'new' && <NewKeyDialog onMade={shown} onClose={() => setAsking(null)} />}
      {asking !== null && asking !== 'new' && (
        <RotateDialog
          name={asking.name}
          about="It gets another secret. Name, role and expiry stay."
          label="How long the secret before still works"
          confirm="Rotate key"
          rotate={(graceSeconds) => client.keys.rotate(asking.id, asking.version, { graceSeconds })}
          onMade={shown}
          onSettled={changed}
          onClose={() => setAsking(null)}
        />
      )}
      {made !== null && (
        <SecretDialog name={made.name} secret={made.secret} otherwise="rotate the key" onClose={() => setMade(null)}>
          Whoever has it may do what the role {made.role} may; keep it where nobody else reads.
          {made.previousUntil !== null && ` The secret before works until ${formatDateTime(made.previousUntil)}.`}
        </SecretDialog>
      )}
    </Page>
  );
}

function KeyTable({ keys, onRotate }: { keys: readonly ApiKey[]; onRotate: (key: ApiKey) => void }) {
  const { client } = useApi();
  const changed = useKeysChanged();
  const now = useNow();
  const revoke = useMutation({
    mutationFn: ({ id, version }: ApiKey) => client.keys.revoke(id, version),
    onSuccess: (_answer, { name }) => notifyDone(`${name} is revoked.`),
    onError: (error) => notifyProblem(error, 'The key was not revoked'),
    onSettled: changed,
  });
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Name</th>
            <th>State</th>
            <th>Role</th>
            <th>Begins with</th>
            <th>Last used</th>
            <th>Ends</th>
            <th>Rotated</th>
            <th>Made</th>
            <th>
              <span className={table.hidden}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const state = keyState(key, now);
            return (
              <tr key={key.id} data-key={key.id}>
                <td className={table.strong}>{key.name}</td>
                <td>
                  <LookBadge look={KEY_LOOKS[state]} status={state} />
                </td>
                <td>{key.role}</td>
                <td>
                  <code>{key.prefix}…</code>
                </td>
                <td>{key.lastUsedAt === null ? 'never' : <Age since={key.lastUsedAt} />}</td>
                <td>
                  <Ends of={key} />
                </td>
                <td>
                  {key.rotatedAt === null ? NOTHING : <Age since={key.rotatedAt} />}
                  {key.revokedAt === null && key.previousUntil !== null && Date.parse(key.previousUntil) > now && (
                    <div className={table.muted}>old secret until {formatDateTime(key.previousUntil)}</div>
                  )}
                </td>
                <td>
                  <Age since={key.createdAt} />
                  {key.createdBy !== null && <span className={table.muted}> by {key.createdBy}</span>}
                </td>
                <td className={table.act}>
                  {state !== 'revoked' && (
                    <>
                      <Button
                        size="compact-xs"
                        variant="default"
                        aria-label={`Rotate ${key.name}…`}
                        onClick={() => onRotate(key)}
                      >
                        Rotate…
                      </Button>{' '}
                      <Button
                        size="compact-xs"
                        variant="default"
                        aria-label={`Revoke ${key.name}…`}
                        onClick={() =>
                          confirm({
                            title: `Revoke ${key.name}?`,
                            body: 'Whoever uses it is refused from now on. A revoked key never works again.',
                            confirm: 'Revoke key',
                            grave: true,
                            onConfirm: () => revoke.mutate(key),
                          })
                        }
                      >
                        Revoke…
                      </Button>
                    </>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** What is revoked has ended, whenever it would have. */
function Ends({ of: { revokedAt, expiresAt } }: { of: ApiKey }) {
  if (revokedAt !== null) {
    return (
      <>
        <Age since={revokedAt} /> ago
      </>
    );
  }
  return expiresAt === null ? 'when revoked' : <Until at={expiresAt} past="over" />;
}
