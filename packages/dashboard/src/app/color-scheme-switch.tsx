import { UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import classes from './color-scheme-switch.module.css';

const CHOICES = [
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
  { value: 'auto', label: 'As the system', icon: IconDeviceDesktop },
] as const;

export function ColorSchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className={classes.switch} role="radiogroup" aria-label="Colours">
      {CHOICES.map(({ value, label, icon: Icon }) => (
        <UnstyledButton
          key={value}
          className={classes.choice}
          role="radio"
          aria-checked={colorScheme === value}
          aria-label={label}
          title={label}
          onClick={() => setColorScheme(value)}
        >
          <Icon size={15} aria-hidden />
        </UnstyledButton>
      ))}
    </div>
  );
}
