/** What was typed in a text and not acknowledged, as a device keeps it. */
export interface Unsent {
  client: string;
  /** How many changes of the client the server has acknowledged. */
  confirmed: number;
  /** The version and the text that the changes are made for. */
  version: number;
  base: string;
  changes: unknown[];
}

/** How long other tabs have to say that something is theirs, in milliseconds. */
const ANSWER = 120;

/** Takes what a visit that is over has left in a place; what another tab still writes is its own. */
export async function claim(
  place: string,
  store: Pick<Storage, 'getItem' | 'removeItem'> = localStorage,
  keys: string[] = storedAt(place),
): Promise<Unsent | undefined> {
  for (const key of keys) {
    const unsent = read(store, key);
    if (unsent && !(await alive(unsent.client))) return unsent;
  }
  return undefined;
}

function storedAt(place: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${place}:`));
  } catch {
    return [];
  }
}

function read(store: Pick<Storage, 'getItem'>, key: string): Unsent | undefined {
  try {
    const unsent = JSON.parse(store.getItem(key) ?? 'null') as Unsent | null;
    return unsent?.changes.length ? unsent : undefined;
  } catch {
    return undefined;
  }
}

function alive(client: string): Promise<boolean> {
  if (typeof BroadcastChannel === 'undefined') return Promise.resolve(false);
  return new Promise((done) => {
    const channel = new BroadcastChannel('atelier-texts');
    const say = (answer: boolean) => {
      channel.close();
      done(answer);
    };
    channel.onmessage = ({ data }: MessageEvent<{ here?: string }>) => {
      if (data.here === client) say(true);
    };
    channel.postMessage({ ask: client });
    setTimeout(() => say(false), ANSWER);
  });
}
