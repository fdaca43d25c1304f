import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atelier, enterprise } from './server';

/** Imports Enterprise once; the servers of all tests begin with a copy. */
export default async function setup() {
  const data = await mkdtemp(join(tmpdir(), 'atelier-imported-'));
  execFileSync(atelier, ['--data', data, 'import', enterprise], { stdio: 'ignore' });
  process.env.ATELIER_IMPORTED = data;
  return () => rm(data, { recursive: true, force: true });
}
