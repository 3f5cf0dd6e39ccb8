/** Builds the page into dist/dashboard, and serves it with hot reload for `npm run dashboard`. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compress } from './build/compress.ts';
import { pruneMantine } from './build/prune-mantine.ts';
import { tablerIcons } from './build/tabler-icons.ts';

/** The broker that the development server forwards the API to. */
const BROKER = process.env.HOMING_DASHBOARD_BROKER ?? 'http://127.0.0.1:8080';

export default defineConfig(({ command }) => ({
  root: import.meta.dirname,
  // The built page has a <base> element, so its assets work below any path prefix.
  base: command === 'build' ? './' : '/dashboard/',
  plugins: [react(), tablerIcons(), pruneMantine(), compress()],
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // Otherwise each icon that two views share becomes a separate file.
        codeSplitting: { groups: [{ name: 'icons', test: /\0icon:/ }] },
      },
    },
  },
  server: {
    port: 5173,
    proxy: {
      '^/(dashboard/api|docs|openapi.json)': {
        target: BROKER,
        changeOrigin: true,
        headers: { origin: BROKER },
      },
    },
  },
}));
