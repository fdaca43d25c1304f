export type Theme = 'system' | 'light' | 'dark';
/** app.html reads it. */
const KEY = 'atelier-theme';

/** Light, dark, or as the system says; kept on this device. */
class ThemeChoice {
  value = $state<Theme>('system');

  /** Takes over what app.html has found, before anything was drawn. */
  load() {
    this.value = (document.documentElement.dataset.theme as Theme | undefined) ?? 'system';
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
