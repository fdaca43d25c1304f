import { expect, test as base, type Page } from '@playwright/test';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Server {
  url: string;
  /** The sign-in links that the server printed, in its order. */
  links: string[];
}

/** The binary of this repository, as make build leaves it. */
export const atelier = resolve('../bin/atelier');

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

/** The binary of this repository on an empty folder and a free port, once per worker. */
export const test = base.extend<object, { server: Server }>({
  server: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const data = await mkdtemp(join(tmpdir(), 'atelier-'));
      const port = await freePort();
      const url = `http://localhost:${port}`;
      const shared = process.env.ATELIER_DATA ?? resolve('../../shared');
      const file = join(shared, 'attack/enterprise-attack-18.1.json.gz');
      execFileSync(atelier, ['--data', data, 'import', file], { stdio: 'ignore' });
      const child = spawn(atelier, ['--data', data, 'serve', '--listen', `127.0.0.1:${port}`]);
      let said = '';
      let failed: Error | undefined;
      child.on('error', (cause) => (failed = cause));
      child.stdout.on('data', (part) => (said += part));
      child.stderr.on('data', (part) => (said += part));
      try {
        const links = () => said.match(/https?:\/\/\S+\/sign-in\?token=[\w.-]+/g) ?? [];
        const until = Date.now() + 30_000;
        while (!(await ready(url)) || links().length === 0) {
          if (failed || child.exitCode !== null || Date.now() > until)
            throw failed ?? new Error(`atelier did not become ready:\n${said}`);
          await new Promise((again) => setTimeout(again, 100));
        }
        await use({ url, links: links() });
      } finally {
        const over = new Promise((done) => child.once('exit', done));
        if (child.exitCode === null && child.kill('SIGTERM')) await over;
        await rm(data, { recursive: true, force: true });
      }
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
});

const ready = (url: string) =>
  fetch(`${url}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );

/** Takes the whole page at desktop, 390 px and dark, for a person to look at. */
export async function shots(page: Page, name: string, folder: string) {
  const take = async (as: string, width: number, colorScheme: 'light' | 'dark') => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: width < 500 ? 844 : 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, `${name} is wider than ${width} px`).toBeLessThanOrEqual(width);
    await page.screenshot({ path: `${folder}/${name}-${as}.png`, fullPage: true });
  };
  await take('390', 390, 'light');
  await take('390-dark', 390, 'dark');
  await take('dark', 1280, 'dark');
  await take('desktop', 1280, 'light');
}

export { expect };
