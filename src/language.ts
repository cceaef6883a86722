/** The language of answers when nobody chose one. */
export const DEFAULT_LANGUAGE = 'en';

/** A BCP 47 tag in its canonical form (`EN-us` is `en-US`); undefined for a text that is none. */
export function canonicalLanguage(tag: string): string | undefined {
  try {
    const [canonical] = Intl.getCanonicalLocales(tag.trim());
    // A tag of the right form may still name no language at all.
    return canonical !== undefined && nameOf(canonical) !== canonical ? canonical : undefined;
  } catch {
    return undefined;
  }
}

/** What English calls a language: `Korean` for `ko`. */
export function languageName(tag: string): string {
  const canonical = canonicalLanguage(tag);
  return canonical === undefined ? 'English' : nameOf(canonical);
}

function nameOf(tag: string): string {
  return new Intl.DisplayNames(['en'], { type: 'language', languageDisplay: 'standard' }).of(tag) ?? tag;
}
