import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { keep, kept } from '../look/kept.ts';
import { type Dictionary, en } from './en.ts';
import { ko } from './ko.ts';

/** The languages of the pages. */
export type Language = 'en' | 'ko';

const DICTIONARIES: Readonly<Record<Language, Dictionary>> = { en, ko };

/** The language of the pages: what was chosen here before, else the first of the browser's that there is. */
export const language: Signal<Language> = signal(firstLanguage());

/** The texts of the pages. */
export const texts: ReadonlySignal<Dictionary> = computed(() => DICTIONARIES[language.value]);

/** Changes to the other language, and remembers. */
export function switchLanguage(): void {
  language.value = language.value === 'en' ? 'ko' : 'en';
  keep('language', language.value);
}

effect(() => {
  document.documentElement.lang = language.value;
});

function firstLanguage(): Language {
  const chosen = kept('language');
  for (const tag of chosen === undefined ? navigator.languages : [chosen]) {
    const [primary] = tag.toLowerCase().split('-');
    if (primary === 'en' || primary === 'ko') return primary;
  }
  return 'en';
}
