import { truncate } from '../bounds.ts';
import { type DescribedError, MAX_MESSAGE, MAX_NAME, MAX_STACK } from './describe.ts';
import { hasFrames, readHeader } from './header.ts';

/** Describes a text: a message, `Class: message`, or either with a stack below it. */
export function describeText(text: string): DescribedError {
  const kept = text.slice(0, MAX_STACK);
  const framed = hasFrames(kept);
  const header = readHeader(kept);
  if (header === undefined || (!framed && !/(?:Error|Exception)$/.test(header.name ?? ''))) {
    const message = framed ? kept.slice(0, kept.search(/\n[ \t]*at /)) : kept;
    return {
      message: truncate(message, MAX_MESSAGE),
      ...(framed && { stack: truncate(text, MAX_STACK) }),
      fields: {},
    };
  }
  return {
    message: truncate(header.message, MAX_MESSAGE),
    ...(header.name !== undefined && { name: truncate(header.name, MAX_NAME) }),
    ...(header.code !== undefined && { code: truncate(header.code, MAX_NAME) }),
    ...(framed && { stack: truncate(text, MAX_STACK) }),
    fields: {},
  };
}
