import { isMap, isNode, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { RuleProblem } from './read-rules.ts';

/** How often anchors may be repeated: a "billion laughs" file is refused. */
const MAX_ALIASES = 100;

/** What YAML says, and where each part of it stands. */
export interface ParsedYaml {
  readonly value: unknown;
  readonly problems: readonly RuleProblem[];
  /** The line of what a path leads to, or of the nearest part around it that is there; 1-based. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** Reads YAML 1.2; tags of other types than JSON's, merge keys and duplicate keys are problems. */
export function parseYaml(source: string): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    schema: 'core',
  });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const problems = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    line: lineAt(pos[0]),
    message: `${message.replace(/\.$/, '')}.`,
  }));
  let value: unknown;
  if (problems.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (error) {
      problems.push({
        line: 1,
        message: error instanceof Error ? `${error.message}.` : 'It cannot be read.',
      });
    }
  }
  return {
    value,
    problems,
    lineOf(path) {
      let node: Node | null = document.contents;
      let offset = node?.range?.[0];
      for (const key of path) {
        const [inner, keyOffset]: readonly [Node | null, number | undefined] = step(node, key);
        if (keyOffset === undefined) break;
        offset = keyOffset;
        node = inner;
      }
      return offset === undefined ? undefined : lineAt(offset);
    },
  };
}

/** The text with one more rule at the end of its list; everything else stays as it is written, comments too. A text without problems. */
export function addToYaml(source: string, rule: unknown): string {
  const document = parseDocument(source);
  const path = isSeq(document.contents) ? [] : ['rules'];
  if (document.getIn(path) === undefined || document.getIn(path) === null) document.setIn(path, []);
  document.addIn(path, document.createNode(rule));
  return document.toString({ lineWidth: 0 });
}

/** The value under a key, and where the key stands. */
function step(node: Node | null, key: PropertyKey): readonly [Node | null, number | undefined] {
  if (isMap(node)) {
    const pair = node.items.find(
      (item) => isPair(item) && isNode(item.key) && String(item.key) === String(key),
    );
    const keyNode = isNode(pair?.key) ? pair.key : null;
    return [isNode(pair?.value) ? pair.value : null, keyNode?.range?.[0]];
  }
  const item = isSeq(node) ? node.items[Number(key)] : undefined;
  return isNode(item) ? [item, item.range?.[0]] : [null, undefined];
}
