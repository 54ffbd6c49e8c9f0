import { createTheme, localStorageColorSchemeManager } from '@mantine/core';

/** The choice of light, dark or the system's; `public/color-scheme.js` reads the same key before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'signalbox-color-scheme' });

/** Dense, calm, system fonts only: the dashboard loads nothing from anywhere else. */
export const theme = createTheme({
  primaryColor: 'signal',
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'ui-sans-serif, system-ui, "Segoe UI", Inter, Roboto, "Helvetica Neue", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'var(--sb-mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  headings: {
    fontWeight: '620',
    sizes: { h1: { fontSize: '20px', lineHeight: '1.3' }, h2: { fontSize: '14px', lineHeight: '1.4' } },
  },
  components: {
    // Mantine's crosses have no words of their own.
    Modal: {
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' } },
      styles: { title: { fontSize: 15, fontWeight: 620 } },
    },
    Select: { defaultProps: { clearButtonProps: { 'aria-label': 'Clear' } } },
    MultiSelect: { defaultProps: { clearButtonProps: { 'aria-label': 'Clear' } } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
  },
  colors: {
    signal: [
      '#e4f4f7',
      '#cbe7ec',
      '#9ad3dd',
      '#67bccb',
      '#41a8ba',
      '#288fa2',
      '#177a8c',
      '#0e6577',
      '#0b5262',
      '#083f4c',
    ],
    dark: [
      '#dde3ea',
      '#b6bfca',
      '#9aa5b1',
      '#6a7683',
      '#3d4753',
      '#2b333d',
      '#20272f',
      '#191e25',
      '#12161b',
      '#0c1014',
    ],
  },
});
