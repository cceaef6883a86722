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
  rememberFrames,
} from './text.ts';

/** .NET: `at A.B.C(T x) in f:line 3`; Mono: `at A.B.C (T x) [0x0] in f:3`. */
const FRAME =
  /^at (\S[^(\n]{0,600}?) ?\(([^\n]*?)\)(?: \[0x[0-9a-f]+\])?(?: in (.{1,1024}?):(?:line )?(\d{1,9}))?\s*$/;
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

const readFrame = rememberFrames((line: string): StackFrame | undefined => {
  if (!line.startsWith('at ') || line.length > MAX_FRAME_LENGTH) return undefined;
  const match = FRAME.exec(line);
  if (!match) return undefined;
  const call = match[1] as string;
  // Mono writes the module's id where it has no file.
  const file = match[3]?.startsWith('<') ? undefined : match[3];
  const line_ = file === undefined || match[4] === undefined ? undefined : Number(match[4]);
  return makeFrame({ function: cleanName(call), file, line: line_ }, !DEPENDENCY.test(call), 'csharp');
});

/** State machines, lambdas and local functions are the compiler's; the method that holds them is the author's. */
function cleanName(call: string): string {
  let name = call.replace(/`\d+(?:\[[^\]]*\])?/g, '').replace(/\[[^\]]{0,200}\]$/, '');
  const machine = /^(.{0,500}?)[.+]?<(\w{1,200})>[dg]__[\w|]*\.?.*$/.exec(name);
  if (machine) return `${machine[1]}.${machine[2]}`;
  name = name.replace(/[.+]<>c(?:__\w+)?(?=[.+])/, '');
  const lambda = /^(.{0,500}?)[.+]<(\w{0,200})>[^.]*(?:\..*)?$/.exec(name);
  return lambda ? `${lambda[1]}.${lambda[2] || 'lambda'}` : name;
}
