import { effect, type Signal, signal } from '@preact/signals';
import { keep, kept } from './kept.ts';

/** How the pages look. */
export type Theme = 'light' | 'dark';

const system = matchMedia('(prefers-color-scheme: dark)');
const chosen: Signal<string | undefined> = signal(kept('theme'));

/** What was chosen here, else what the system says. */
export const theme: Signal<Theme> = signal(themeNow());

/** Changes between light and dark, and remembers. */
export function switchTheme(): void {
  chosen.value = theme.value === 'dark' ? 'light' : 'dark';
  keep('theme', chosen.value);
  theme.value = themeNow();
}

system.addEventListener('change', () => {
  theme.value = themeNow();
});
effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

function themeNow(): Theme {
  if (chosen.value === 'light' || chosen.value === 'dark') return chosen.value;
  return system.matches ? 'dark' : 'light';
}
