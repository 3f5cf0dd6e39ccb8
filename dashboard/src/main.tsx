/** Starts the page. */
import './styles.ts';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/query-client.ts';
import { App } from './app.tsx';
import { PAGE_BASE } from './routes.ts';
import { styleNonce } from './style-nonce.ts';
import { theme } from './theme.ts';
import { Toasts } from './ui/toasts.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element with the id root.');
// The broker also serves the page at its root.
if (!location.pathname.startsWith(PAGE_BASE)) history.replaceState(null, '', `${PAGE_BASE}/`);
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => styleNonce}>
      <QueryClientProvider client={queryClient}>
        <App />
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
