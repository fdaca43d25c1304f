import { readdirSync, readFileSync } from 'node:fs';

/** How many items of a section an object's page asks for at first. */
const first = /FIRST = (\d+)/.exec(readFileSync('src/lib/object/filter.ts', 'utf8'))?.[1];

/**
 * What pages and their layouts ask the server for before they show anything. The browser is told so
 * with the page itself, and need not wait for the scripts to ask. A domain that the page's address
 * does not name is its workshop's.
 * @type {Record<string, string[]>}
 */
const data = {
  '/+layout': ['/api/me'],
  '/objects/[id]/+page': [`/api/objects/[id]?first=${first}`],
  '/domains/[domain]/+page': ['/api/domains/[domain]/matrix', '/api/domains/[domain]/collections'],
  '/w/[workshop]/+layout': ['/api/workshops/[workshop]', '/api/workflow', '/api/types'],
  '/w/[workshop]/matrix/+page': [
    '/api/domains/[domain]/matrix',
    '/api/domains/[domain]/collections',
  ],
};

const generated = '.svelte-kit/generated/client-optimized/nodes';

/** Where a node's component is: the folder of its route, and whether it is a layout. */
function placeOf(name) {
  const source = readFileSync(`${generated}/${name}`, 'utf8');
  const found = /src\/routes(.*)\/\+(page|layout)\.svelte"/.exec(source);
  return found && { route: found[1], layout: found[2] === 'layout' };
}

/**
 * Lists for each route which scripts, styles and data its page needs first, beyond what every page
 * names itself in its head.
 * @param {string} html the page of the application
 */
export function preloads(html) {
  const manifest = JSON.parse(
    readFileSync('.svelte-kit/output/client/.vite/manifest.json', 'utf8'),
  );
  const nodes = readdirSync(generated).map((name) => ({
    ...placeOf(name),
    key: `${generated}/${name}`,
  }));
  const pages = nodes.filter((node) => node.route !== undefined && !node.layout);
  return pages.map(({ route, key }) => {
    const files = new Set();
    const add = (one) => {
      const { file, imports = [], css = [] } = manifest[one];
      if (files.has(`/${file}`)) return;
      for (const name of [file, ...css]) files.add(`/${name}`);
      imports.forEach(add);
    };
    const layouts = nodes.filter((n) => n.layout && `${route}/`.startsWith(`${n.route}/`));
    [...layouts.map((node) => node.key), key].forEach(add);
    return {
      route,
      files: [...files].filter((file) => !html.includes(`"${file}"`)),
      data: [...layouts.map((node) => `${node.route}/+layout`), `${route}/+page`].flatMap(
        (one) => data[one] ?? [],
      ),
    };
  });
}
