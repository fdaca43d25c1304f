import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { preloads } from './preload.js';

/** Puts each text file's packed forms beside it, which the server sends to who takes them. */
function pack(folder) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!/\.(js|css|html|svg|json|txt)$/.test(name)) continue;
    const content = readFileSync(join(folder, name));
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
  }
}

/**
 * The page's own scripts go into one file, so that the server's Content-Security-Policy can be
 * `script-src 'self'` without a hash that changes at each build. It comes first, for all waits for it.
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
      const codes = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)];
      const last = codes.at(-1)?.[0];
      if (!last) throw new Error('no start script found in build/index.html');
      const code = codes.map((found) => found[1]).join(';\n');
      const hash = createHash('sha256').update(code).digest('hex').slice(0, 10);
      const name = `/_app/immutable/start.${hash}.js`;
      writeFileSync(`build${name}`, code);
      const outside = codes
        .reduce(
          (text, [one]) => text.replace(one, one === last ? `<script src="${name}"></script>` : ''),
          html,
        )
        .replace('<head>', `<head>\n    <link href="${name}" rel="preload" as="script">`);
      writeFileSync('build/index.html', outside);
      writeFileSync('build/preload.json', JSON.stringify(preloads(outside)));
      pack('build');
      // The build empties its folder; this file keeps it in the repository, for builds without Node.
      writeFileSync('build/.keep', 'npm run build writes the pages here.\n');
    },
  };
}

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  kit: {
    adapter: withoutInlineScript(),
    paths: { relative: false },
    // Who wants to be told while no page is open turns it on; nobody else has one.
    serviceWorker: { register: false },
  },
};
