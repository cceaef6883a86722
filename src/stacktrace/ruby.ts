import type { StackFrame } from '../types.ts';
import type { ParsedSections } from './sections.ts';
import {
  type ErrorDraft,
  finish,
  MAX_CAUSES,
  MAX_FRAME_LENGTH,
  MAX_FRAMES,
  makeFrame,
  markNative,
  newDraft,
  readHeader,
} from './text.ts';

/** `lib/cart.rb:38:in 'Cart#owner'`; Ruby before 3.4 opened the name with a backtick. */
const FRAME =
  /^(?:\d{1,5}: )?(?:from )?([^\n:]{1,1024}(?::[\\/][^\n:]{1,1024})?):(\d{1,9}):in [`']([^'\n]{1,300})'/;
const DEPENDENCY =
  /[\\/](?:gems|rubygems|bundler|\.bundle|\.rbenv|\.rvm|vendor)[\\/]|[\\/]lib[\\/]ruby[\\/]|^<internal:|^\S+ \(\d[\w.]*\) |^\(eval|[\\/]bin[\\/](?:rails|rake|bundle|puma|rspec|irb|ruby)$/;

/** Reads Ruby's traces as the interpreter prints them, causes included, and as Rails logs them. */
export function parseRuby(lines: readonly string[]): ParsedSections {
  const errors: ErrorDraft[] = [];
  const lead: string[] = [];
  for (const raw of lines) {
    const line = raw.trim();
    const match = line.length <= MAX_FRAME_LENGTH ? FRAME.exec(line) : null;
    if (!match) {
      if (errors.length === 0) lead.push(raw);
      continue;
    }
    const rest = line.slice(match[0].length);
    // `…in 'm': message (Class)` opens an error; the lines below it are its callers.
    if (errors.length === 0 || rest.startsWith(': ')) {
      if (errors.length > MAX_CAUSES) break;
      errors.push(newDraft());
    }
    const current = errors.at(-1) as ErrorDraft;
    if (rest.startsWith(': ')) readRubyHeader(rest.slice(2), current);
    if (current.frames.length < MAX_FRAMES) current.frames.push(frameOf(match));
  }
  for (const { frames } of errors) markNative(frames);
  const first = errors[0] ?? newDraft();
  if (first.name === undefined && first.message === '') readLead(lead, first);
  return { errors: (errors.length > 0 ? errors : [first]).map(finish), language: 'ruby' };
}

function frameOf(match: RegExpExecArray): StackFrame {
  const file = match[1] as string;
  // `block (2 levels) in foo`, `rescue in foo`: the method is what the code names.
  const method = (match[3] as string).replace(
    /^(?:(?:block(?: \(\d{1,4} levels\))?|rescue|ensure) in )+/,
    '',
  );
  return makeFrame({ function: method, file, line: Number(match[2]) }, !DEPENDENCY.test(file), 'ruby');
}

function readRubyHeader(text: string, draft: ErrorDraft): void {
  const match = /^(.*) \(([A-Z][\w:]{0,199})\)$/.exec(text);
  draft.message = match?.[1] ?? text;
  if (match?.[2]) draft.name = match[2];
}

/** `Class (message):` of Rails, or `Class: message`. */
function readLead(lead: readonly string[], draft: ErrorDraft): void {
  const text = lead.join('\n').trim();
  const rails = /^([A-Z][\w:]{0,199}) \(([\s\S]{0,8192})\):?$/.exec(text);
  if (rails) {
    draft.name = rails[1] as string;
    draft.message = rails[2] as string;
  } else Object.assign(draft, readHeader(text));
}
