import fc from 'fast-check';

/** Values that nobody expects where they stand. */
const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({ maxDepth: 2, withNullPrototype: false }),
  fc.constantFrom<unknown>(null, '', '__proto__', 'constructor', -0, -1, 2 ** 53, Number.NaN, [], {}, [[]]),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('\u0000', '\ud800', '../../x', '{"a":', '[[[[[[', 'A'.repeat(5000), '1e999', '%s%n'),
);

/** A sample in which some places were given other values, other keys or none. */
export function mutated(sample: unknown): fc.Arbitrary<unknown> {
  const change = fc.record({
    place: fc.nat(),
    value: strange,
    how: fc.constantFrom('replace', 'rename', 'remove'),
  });
  return fc.array(change, { maxLength: 4 }).map((changes) => {
    const box: Holder = { sample: JSON.parse(JSON.stringify(sample)) };
    for (const { place, value: given, how } of changes) {
      // A copy: what is put into itself would have no end.
      const value = typeof given === 'object' ? JSON.parse(JSON.stringify(given)) : given;
      const places = placesOf(box);
      const [holder, key] = places[place % places.length] ?? [box, 'sample'];
      if (how === 'replace' || Array.isArray(holder)) holder[key] = value;
      else {
        if (how === 'rename') holder[String(value).slice(0, 40)] = holder[key];
        delete holder[key];
      }
    }
    return JSON.parse(JSON.stringify(box.sample) ?? 'null');
  });
}

type Holder = Record<string, unknown>;

function placesOf(holder: Holder): [Holder, string][] {
  return Object.entries(holder).flatMap(([key, inner]): [Holder, string][] => [
    [holder, key],
    ...(typeof inner === 'object' && inner !== null ? placesOf(inner as Holder) : []),
  ]);
}

/** A text of which pieces were cut, doubled, moved or replaced. */
export function mutatedText(...samples: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.record({
    sample: fc.constantFrom(...samples),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.double({ min: 0, max: 1, noNaN: true }),
    between: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 10 }),
      fc.constantFrom('', '\n', '\r\n', '\u0000', ' '),
    ),
  });
  const torn = fc.array(piece, { maxLength: 5 }).map((pieces) =>
    pieces
      .map(({ sample, from, to, between }) => {
        const [start, end] = from < to ? [from, to] : [to, from];
        return sample.slice(Math.floor(start * sample.length), Math.ceil(end * sample.length)) + between;
      })
      .join(''),
  );
  return fc.oneof({ weight: 4, arbitrary: torn }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) });
}
