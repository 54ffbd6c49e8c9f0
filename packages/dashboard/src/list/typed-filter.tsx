import { TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import classes from './filter-bar.module.css';

const TYPING_MS = 220;

interface TypedProps {
  label: string;
  placeholder?: string;
  wide?: boolean;
  value: string | undefined;
  onCommit: (value: string) => void;
}

/** A field whose text counts once somebody stops typing. */
export function TypedFilter({ label, placeholder = label, wide = false, value = '', onCommit }: TypedProps) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const commit = useDebouncedCallback((typed: string) => onCommit(typed.trim()), TYPING_MS);
  // The address may change by itself: back, forward, another link.
  useEffect(() => {
    if (document.activeElement !== field.current) setText(value);
  }, [value]);
  useHotkeys(wide ? [['/', () => field.current?.focus()]] : []);
  return (
    <TextInput
      ref={field}
      aria-label={label}
      placeholder={placeholder}
      size="xs"
      className={wide ? classes.search : classes.typed}
      leftSection={wide ? <IconSearch size={14} aria-hidden /> : undefined}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        commit(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}
