import { sveltekit } from '@sveltejs/kit/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const backend = process.env.ATELIER_BACKEND ?? 'http://127.0.0.1:8080';

// SvelteKit's route announcer carries a style attribute, which a strict policy refuses;
// base.css hides the announcer instead.
const announcer: Plugin = {
  name: 'announcer-without-style',
  enforce: 'pre',
  transform(code, id) {
    if (!id.endsWith('root.svelte')) return;
    return code.replace(/(id="svelte-announcer"[^>]*?) style="[^"]*"/, '$1');
  },
};

export default defineConfig({
  plugins: [announcer, sveltekit()],
  // A data: URL would need a hole in the Content-Security-Policy.
  build: {
    assetsInlineLimit: 0,
    rollupOptions: { output: { experimentalMinChunkSize: 20_000 } },
  },
  server: { proxy: { '/api': backend, '/ws': { target: backend, ws: true } } },
  test: { include: ['src/**/*.test.ts'] },
});
