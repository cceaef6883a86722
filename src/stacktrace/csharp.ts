import type { StackFrame } from '../types.ts';
import type { ParsedSections, WantsMore } from './sections.ts';
import {
  type ErrorDraft,
  finish,
  MAX_CAUSES,
  MAX_FRAME_LENGTH,
  MAX_FRAMES,
  makeFrame,
  newDraft,
  readHeader,
  readPlace,
  rememberFrames,
} from './text.ts';

const DEPENDENCY =
  /^(?:System|Microsoft|Mono|Newtonsoft|Npgsql|MySql|Dapper|Grpc|Serilog|NLog|Polly|MediatR|AutoMapper|FluentValidation|Autofac|StackExchange|MongoDB|RabbitMQ|Confluent|Azure|Amazon|Castle|Xunit|NUnit|Hangfire|MassTransit|Swashbuckle|Internal|Interop|lambda_method)[.(+]|^\(wrapper |^lambda_method/;

/**
 * Reads .NET's and Mono's stacks. The header names all errors, ` ---> ` between them; the frames then stand
 * innermost error first, each stack closed by `--- End of inner exception stack trace ---`.
 */
export function parseCSharp(lines: readonly string[], wantsMore?: WantsMore): ParsedSections {
  const header: string[] = [];
  const stacks: StackFrame[][] = [[]];
  let stack = stacks[0] as StackFrame[];
  let started = false;
  let enough = false;
  for (const raw of lines) {
    const line = raw.trim();
    if (line.startsWith('at ')) {
      const frame = enough ? undefined : readFrame(line);
      started ||= frame !== undefined;
      if (frame && stack.length < MAX_FRAMES && (frame.inApp || !wantsMore)) {
        stack.push(frame);
        enough = wantsMore !== undefined && !wantsMore({ message: header[0] ?? '', frames: stack });
      }
      if (started) continue;
    }
    if (line === '--- End of inner exception stack trace ---') {
      if (stacks.length > MAX_CAUSES) break;
      stack = [];
      stacks.push(stack);
      enough = false;
    } else if (started && line.startsWith('---> (Inner Exception #')) {
      // An aggregate repeats its children below its own stack.
      break;
    } else if (!started) header.push(raw);
  }
  const errors = splitHeader(header.join('\n').trim());
  // The last stack belongs to the outermost error.
  for (const [index, draft] of errors.entries()) {
    draft.frames.push(...(stacks[stacks.length - 1 - index] ?? []));
  }
  return { errors: errors.map(finish), language: 'csharp' };
}

function splitHeader(text: string): ErrorDraft[] {
  const unhandled = text.replace(
    /^(?:Unhandled [Ee]xception[.:]|\[ERROR\] FATAL UNHANDLED EXCEPTION:)\s*/,
    '',
  );
  return unhandled
    .split(/\s--->\s/, MAX_CAUSES)
    .map((part) =>
      Object.assign(newDraft(), readHeader(part.replace(/^\(Inner Exception #\d+\) /, '').trim())),
    );
}

/** .NET: `at A.B.C(T x) in f:line 3`; Mono: `at A.B.C (T x) [0x0] in f:3`. */
const readFrame = rememberFrames((line: string): StackFrame | undefined => {
  if (!line.startsWith('at ') || line.length > MAX_FRAME_LENGTH) return undefined;
  let call = line.slice(3).trim();
  const at = call.lastIndexOf(' in ');
  const place = at < 0 ? undefined : readPlace(call.slice(at + 4).replace(/:line (?=\d{1,9}$)/, ':'));
  if (place) call = call.slice(0, at).trimEnd();
  const offset = call.endsWith(']') ? call.lastIndexOf(' [0x') : -1;
  if (offset > 0) call = call.slice(0, offset);
  const open = call.indexOf('(', 1);
  if (open < 0 || !call.endsWith(')')) return undefined;
  const name = call.slice(0, open).trimEnd();
  // Mono writes the module's id where it has no file.
  const { file, line: number } = place && !place.file.startsWith('<') ? place : {};
  return makeFrame({ function: cleanName(name), file, line: number }, !DEPENDENCY.test(name), 'csharp');
});

/** State machines, lambdas and local functions are the compiler's; the method that holds them is the author's. */
function cleanName(call: string): string {
  const list = call.endsWith(']') ? call.lastIndexOf('[') : -1;
  const name = (list > 0 ? call.slice(0, list) : call).replace(/`\d{1,3}(?:\[[\w,]{0,100}\])?/g, '');
  // `A.<Run>d__2.MoveNext`, `A.<>c__DisplayClass5_0.<Run>b__0`, `A+<Run>c__AnonStorey0.<>m__0`, `A.<Run>g__Local|3_0`
  const compiled = name.search(/[.+]<\w{0,200}>/);
  if (compiled < 0) return name;
  const method = /<(\w{1,200})>/.exec(name.slice(compiled))?.[1] ?? 'lambda';
  return `${name.slice(0, compiled)}.${method}`;
}
