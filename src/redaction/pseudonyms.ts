import { Buffer } from 'node:buffer';
import { PLACEHOLDER, placeholder } from './spans.ts';

/** Values beyond this many get the plain placeholder: memory stays bounded. */
const MAX_VALUES = 10_000;

/** Numbers the values of each kind in the order of their first appearance, and remembers them. */
export class Pseudonyms {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  name(kind: string, secret: string): string {
    // A copy: a slice would keep the whole text that it was cut from.
    const value = Buffer.from(secret).toString();
    const id = `${kind} ${value}`;
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_VALUES) return placeholder(kind);
    const count = (this.#counts.get(kind) ?? 0) + 1;
    const name = placeholder(`${kind}#${count}`);
    this.#counts.set(kind, count);
    this.#names.set(id, name);
    this.#values.set(name, value);
    return name;
  }

  restore(text: string): string {
    return text.replace(PLACEHOLDER, (name) => this.#values.get(name) ?? name);
  }
}
