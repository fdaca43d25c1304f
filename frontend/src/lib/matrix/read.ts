/**
 * Reads until what was read is good, at most a few times, each time after a longer pause. The news
 * of a release can be here a moment before the server shows the new taxonomy.
 */
export async function readUntil<T>(
  read: () => Promise<T>,
  good: (value: T) => boolean,
  pause: (attempt: number) => Promise<void> = (attempt) =>
    new Promise((done) => setTimeout(done, 250 * 2 ** attempt)),
  attempts = 6,
): Promise<T> {
  let value = await read();
  for (let attempt = 0; attempt < attempts && !good(value); attempt++) {
    await pause(attempt);
    value = await read();
  }
  return value;
}
