import { defineConfig } from '@playwright/test';
import { existsSync } from 'node:fs';

// The same engine without the pages of a window around it, which take a fifth of the time.
const shell = '/usr/bin/chromium-headless-shell';
const chromium = existsSync(shell) ? shell : '/usr/bin/chromium';

/** The journeys in a real browser against the real binary; tests/server.ts starts that. */
export default defineConfig({
  testDir: 'tests',
  globalSetup: './tests/setup.ts',
  workers: 2, // each with a server of its own
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 }, // a machine that does much else still passes
  projects: [
    { name: 'tests', testIgnore: ['pictures/**', 'bench/**', 'every/**'] },
    { name: 'every', testMatch: 'every/**' },
    { name: 'bench', testMatch: 'bench/**' },
    { name: 'pictures', testMatch: 'pictures/**' },
  ],
  use: {
    actionTimeout: 15_000,
    browserName: 'chromium',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? chromium,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
