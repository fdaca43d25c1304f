import { toasts } from '$lib/toasts.svelte';

/** Does something at the desk, and says why where it is refused; true when it is done. */
export async function tried(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (cause) {
    toasts.bad(cause);
    return false;
  }
}
