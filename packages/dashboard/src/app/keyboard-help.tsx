import { Modal } from '@mantine/core';
import classes from './keyboard-help.module.css';
import { VIEWS } from './navigation.ts';

const GROUPS: { title: string; keys: [string, string][] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['Ctrl K', 'Find a view, a session or an action'],
      ['n', 'New session'],
      ['?', 'These keys'],
      ...VIEWS.map(({ key, label }): [string, string] => [`g ${key}`, label]),
    ],
  },
  {
    title: 'Lists',
    keys: [
      ['j k', 'Next, previous'],
      ['Enter', 'Open'],
      ['x', 'Select'],
      ['/', 'Search'],
      ['Esc', 'Clear the selection'],
    ],
  },
  {
    title: 'Approvals',
    keys: [
      ['a', 'Approve'],
      ['r', 'Reject, with a reason'],
      ['e', 'Edit and approve'],
      ['w', 'Withdraw'],
    ],
  },
  {
    title: 'Agents, locks, paths',
    keys: [
      ['j k', 'Next, previous'],
      ['Enter', 'Open'],
      ['/', 'Search'],
    ],
  },
  {
    title: 'One session',
    keys: [
      ['1 … 7', 'Timeline, files, checkpoints, tree, paths, details, replay'],
      ['e', 'Go to the end and follow it'],
      ['← →', 'Replay: a moment back, on'],
      ['Home End', 'Replay: the first, the last moment'],
      ['Space', 'Replay: play, pause'],
    ],
  },
];

export default function KeyboardHelp({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keyboard" size="lg" centered>
      <div className={classes.groups}>
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3 className={classes.title}>{title}</h3>
            <dl className={classes.keys}>
              {keys.map(([key, what]) => (
                <div key={key} className={classes.row}>
                  <dt>
                    <kbd className={classes.key}>{key}</kbd>
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
