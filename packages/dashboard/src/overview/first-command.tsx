import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useShellDialogs } from '../app/shell-dialogs.tsx';
import { Copyable } from '../ui/copyable.tsx';
import classes from './first-command.module.css';

const COMMANDS = [
  { command: 'npx signalbox run -- npm test', about: 'any command, in the current directory' },
  { command: 'npx signalbox run --runtime opencode "fix the flaky test"', about: 'a coding agent, with a prompt' },
] as const;

/** What to do where there is nothing yet. */
export function FirstCommand() {
  const { show } = useShellDialogs();
  return (
    <div className={classes.first}>
      <p className={classes.text}>
        Nothing has run in this project. Start the first session from a terminal and watch it here:
      </p>
      <ul className={classes.commands}>
        {COMMANDS.map(({ command, about }) => (
          <li key={command}>
            <Copyable text={command} label="command" />
            <span className={classes.about}>{about}</span>
          </li>
        ))}
      </ul>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => show('new-session')}
      >
        Or start one here
      </Button>
    </div>
  );
}
