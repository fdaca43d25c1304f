import { post, put } from '$lib/api/client';

/** What is to be known of this browser: whether it can be told, and whether it is. */
export type PushState = 'impossible' | 'refused' | 'off' | 'on';

const WORKER = '/service-worker.js';

/** Can this browser be told while no page is open? Only over https, or on this machine. */
const possible = () =>
  'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

const subscribed = async () =>
  (await (await navigator.serviceWorker.getRegistration(WORKER))?.pushManager.getSubscription()) ??
  undefined;

export async function pushState(): Promise<PushState> {
  if (!possible()) return 'impossible';
  if (Notification.permission === 'denied') return 'refused';
  return (await subscribed()) ? 'on' : 'off';
}

/** The bytes of a key that is written in base64 for addresses. */
export function bytes(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Has this browser told; its person has just asked for it. */
export async function turnOn(key: string): Promise<PushState> {
  if ((await Notification.requestPermission()) !== 'granted') return pushState();
  const worker = await navigator.serviceWorker.register(WORKER);
  await navigator.serviceWorker.ready;
  const made = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(key),
  });
  const { endpoint, keys } = made.toJSON();
  try {
    await put('/me/push', {
      endpoint: endpoint ?? '',
      keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' },
    });
  } catch (cause) {
    await made.unsubscribe();
    throw cause;
  }
  return 'on';
}

/** Has this browser told no more. */
export async function turnOff(): Promise<PushState> {
  const made = await subscribed();
  if (made) {
    await post('/me/push/remove', { endpoint: made.endpoint });
    await made.unsubscribe();
  }
  return pushState();
}
