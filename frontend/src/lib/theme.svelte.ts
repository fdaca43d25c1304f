export type Theme = 'system' | 'light' | 'dark';
const KEY = 'atelier-theme';

/** Light, dark, or as the system says; kept on this device. */
class ThemeChoice {
  value = $state<Theme>('system');

  load() {
    const kept = localStorage.getItem(KEY);
    this.set(kept === 'light' || kept === 'dark' ? kept : 'system');
  }

  set(theme: Theme) {
    this.value = theme;
    if (theme === 'system') {
      localStorage.removeItem(KEY);
      delete document.documentElement.dataset.theme;
      return;
    }
    localStorage.setItem(KEY, theme);
    document.documentElement.dataset.theme = theme;
  }
}

export const theme = new ThemeChoice();
