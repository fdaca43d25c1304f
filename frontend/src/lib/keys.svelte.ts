/** One key, what it does, and whether it can do it now. */
export interface Shortcut {
  key: string;
  label: string;
  run: () => void;
  off?: boolean;
}

const STORE = 'atelier-keys';

/** May single keys act on this device? Whoever speaks to the computer has to be able to say no. */
class Preference {
  on = $state(localStorage.getItem(STORE) !== 'off');

  set(on: boolean) {
    this.on = on;
    if (on) localStorage.removeItem(STORE);
    else localStorage.setItem(STORE, 'off');
  }
}

export const singleKeys = new Preference();

/** Does the person type, or is a dialog open? Then single keys are theirs. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.matches('input, textarea, select') ||
    document.querySelector('dialog[open]') !== null
  );
}

/** Runs the shortcut that was pressed, if there is one; true when it did. */
export function press(event: KeyboardEvent, shortcuts: Shortcut[]): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  if (typing(event.target)) return false;
  if (event.key === 'Enter' && (event.target as Element).closest('a, button, summary'))
    return false;
  const found = shortcuts.find((one) => one.key === event.key && !one.off);
  if (!found || (!singleKeys.on && found.key !== '?')) return false;
  event.preventDefault();
  found.run();
  return true;
}
