import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { shownProblem } from '../api/problem.ts';

/** Says in the corner that something was done. */
export function notifyDone(message: string): void {
  notifications.show({ message, icon: <IconCheck size={16} />, color: 'signal', withBorder: true });
}

/** Says in the corner that something was refused or failed, and stays until it is read. */
export function notifyProblem(error: unknown, what: string): void {
  const { title, detail, code } = shownProblem(error);
  notifications.show({
    title: `${what}: ${title}`,
    message: code === null ? detail : `${detail} (${code})`,
    icon: <IconAlertTriangle size={16} />,
    color: 'red',
    withBorder: true,
    autoClose: 15_000,
    role: 'alert',
  });
}
