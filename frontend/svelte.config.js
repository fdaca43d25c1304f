import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/**
 * The start script goes into a file of its own, so that the server's Content-Security-Policy can
 * be `script-src 'self'` without a hash that changes at each build.
 * @returns {import('@sveltejs/kit').Adapter}
 */
function withoutInlineScript() {
  const pages = adapter({ pages: 'build', assets: 'build', fallback: 'index.html' });
  return {
    ...pages,
    name: 'static-without-inline-script',
    async adapt(builder) {
      await pages.adapt(builder);
      const html = readFileSync('build/index.html', 'utf8');
      const outside = html.replace(/<script>([\s\S]*?)<\/script>/, (_, code) => {
        const hash = createHash('sha256').update(code).digest('hex').slice(0, 10);
        writeFileSync(`build/_app/immutable/start.${hash}.js`, code);
        return `<script src="/_app/immutable/start.${hash}.js"></script>`;
      });
      if (outside === html) throw new Error('no start script found in build/index.html');
      writeFileSync('build/index.html', outside);
      // The build empties its folder; this file keeps it in the repository, for builds without Node.
      writeFileSync('build/.keep', 'npm run build writes the pages here.\n');
    },
  };
}

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  kit: { adapter: withoutInlineScript(), paths: { relative: false } },
};
