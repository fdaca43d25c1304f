import { expect, test as base } from '@playwright/test';
import { execFileSync, spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Server {
  url: string;
  /** The folder of its data. */
  data: string;
  /** The sign-in links that the server printed, in its order; each works once. */
  links: string[];
  /** A sign-in link of a new person who may make workshops, for tests that share a server. */
  host: (name: string) => string;
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

/** MITRE's own file, which lies beside the project and not in it. */
export const enterprise = join(
  process.env.ATELIER_DATA ?? resolve('../../shared'),
  'attack/enterprise-attack-18.1.json.gz',
);

/**
 * The binary of this repository on an empty folder and a free port, once per worker: with
 * Enterprise, or with the demo on the built-in index.
 */
export const test = base.extend<object, { demo: boolean; flags: string[]; server: Server }>({
  demo: [false, { option: true, scope: 'worker' }],
  flags: [[], { option: true, scope: 'worker' }], // more of them for serve
  server: [
    async ({ demo, flags }, use) => {
      const data = await mkdtemp(join(tmpdir(), 'atelier-'));
      const port = await freePort();
      const url = `http://localhost:${port}`;
      const serve = ['--data', data, 'serve', '--listen', `127.0.0.1:${port}`, ...flags];
      if (demo) serve.push('--demo');
      else await cp(process.env.ATELIER_IMPORTED ?? '', data, { recursive: true });
      const child = spawn(atelier, serve);
      let said = '';
      let failed: Error | undefined;
      child.on('error', (cause) => (failed = cause));
      child.stdout.on('data', (part) => (said += part));
      child.stderr.on('data', (part) => (said += part));
      try {
        const links = () => said.match(/https?:\/\/\S+\/sign-in\?token=[\w.-]+(?=\s)/g) ?? [];
        const until = Date.now() + 30_000;
        while (!(await ready(url)) || links().length < (demo ? 6 : 1)) {
          if (failed || child.exitCode !== null || Date.now() > until)
            throw failed ?? new Error(`atelier did not become ready:\n${said}`);
          await new Promise((again) => setTimeout(again, 100));
        }
        const host = (name: string) => {
          const add = ['--data', data, 'user', 'add', name, '--host', '--base-url', url];
          return /https?:\/\/\S+/.exec(execFileSync(atelier, add, { encoding: 'utf8' }))?.[0] ?? '';
        };
        await use({ url, data, links: links(), host });
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

export { expect };
