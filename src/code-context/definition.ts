/** A function or a type in a file. */
export interface Definition {
  readonly kind: 'function' | 'type';
  /** Undefined for a function without a name, such as a callback. */
  readonly name?: string;
  /** The first line, doc comment and annotations not included; 1-based. */
  readonly startLine: number;
  /** The line of its closing brace, or its last line; inclusive. */
  readonly endLine: number;
  /** The definition around it, as an index into the same list; -1 at the top. */
  readonly parent: number;
}

/** A definition whose end is not known yet. */
export interface Draft {
  kind: Definition['kind'];
  name?: string;
  startLine: number;
  endLine: number;
  parent: number;
}
