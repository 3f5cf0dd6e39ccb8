/** Passes the visual language to Mantine: sizes, colours and the defaults of its components. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** theme.css replaces the values that are used; Mantine needs ten shades of each colour. */
const shades = (color: string): MantineColorsTuple =>
  [color, color, color, color, color, color, color, color, color, color] as const;

export const theme = createTheme({
  primaryColor: 'blue',
  colors: {
    blue: shades('#0b66d8'),
    green: shades('#1c7a40'),
    yellow: shades('#8a5a00'),
    red: shades('#c0271b'),
    // Fields and popovers in the dark are `dark[6]`, the page is `dark[7]`.
    dark: [
      ...(['#eceef1', '#c9ced6', '#a0a8b4', '#7d8691', '#3a4048'] as const),
      ...(['#2d3238', '#1c1f23', '#15171a', '#111315', '#0b0d0e'] as const),
    ],
  },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace',
  fontSizes: { xs: '13px', sm: '14px', md: '16px', lg: '20px', xl: '28px' },
  lineHeights: { xs: '18px', sm: '20px', md: '22px', lg: '28px', xl: '36px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '18px' },
  defaultRadius: 'sm',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  // Not with the components' own `extend`: importing them here would load all of them at the start.
  components: {
    Anchor: { defaultProps: { underline: 'always', inherit: true } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 32 } },
    Button: { defaultProps: { size: 'sm' }, styles: { root: { fontWeight: 500 } } },
    InputWrapper: {
      styles: { label: { fontWeight: 500 }, description: { fontSize: 13, lineHeight: '18px' } },
    },
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 120 } } },
    Modal: {
      defaultProps: {
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        transitionProps: { duration: 120, transition: 'fade' },
      },
      styles: { title: { fontSize: 16, fontWeight: 600 } },
    },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 120 } } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
    Textarea: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 120 } } },
  },
});
