import { toasts } from '$lib/toasts.svelte';

/** Puts the whole address of a place here on the clipboard, and says so. */
export async function copy(path: string) {
  const address = new URL(path, location.href).href;
  if (await written(address)) toasts.good('Copied.');
  else toasts.bad(`The browser does not let the page copy. The address is ${address}`);
}

async function written(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return selected(text); // without https there is no clipboard of that kind
  }
}

/** The old way: what is selected is copied. */
function selected(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.style.position = 'fixed';
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
    if (before instanceof HTMLElement) before.focus();
  }
}
