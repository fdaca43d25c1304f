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

// CodeMirror writes its styles into style elements, which a strict policy refuses. Its style-mod has
// another way, which it takes within shadow roots only, though documents have it too.
const adopted: Plugin = {
  name: 'editor-without-style-elements',
  transform(code, id) {
    if (!id.includes('/style-mod/')) return;
    const shadow = '!root.head && root.adoptedStyleSheets';
    if (!code.includes(shadow)) this.error('style-mod adds styles in another way than before');
    return code.replace(shadow, 'root.adoptedStyleSheets');
  },
};

// What every page needs, and small parts that many have, are one file: over plain http a browser asks
// for six at a time, and on a slow line each round is felt. What these import comes with them.
const always = [
  /\/(svelte\/src|kit\/src\/runtime\/client|src\/lib\/components)\//,
  /\/src\/routes\/\+(layout|error)\.svelte$/,
  /\/src\/lib\/(editor\/ObjectPicker|hover\/Hover)\.svelte$/,
];
const together: Plugin = {
  name: 'one-file-for-what-every-page-needs',
  applyToEnvironment: ({ name }) => name === 'client',
  outputOptions: (options) => ({
    ...options,
    manualChunks: (id) => (always.some((one) => one.test(id)) ? 'always' : undefined),
  }),
};

export default defineConfig({
  plugins: [announcer, adopted, together, sveltekit()],
  // A data: URL would need a hole in the Content-Security-Policy.
  build: {
    assetsInlineLimit: 0,
    rollupOptions: { output: { experimentalMinChunkSize: 20_000 } },
  },
  server: { proxy: { '/api': backend, '/ws': { target: backend, ws: true } } },
  test: { include: ['src/**/*.test.ts'] },
});
