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

/** `at [module/]pkg.Class.method(File.java:12)`, with what Logback puts behind it. */
const FRAME = /^at ([\w.$<>/@ -]{1,500})\(([^()]{0,300})\)(?: ~?\[[^\]]{0,200}\])?$/;
const DEPENDENCY =
  /^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|clojure|akka|android|androidx|dalvik|org\.(?:springframework|apache|hibernate|eclipse|mortbay|jboss|junit|testng|mockito|codehaus|gradle|jetbrains|postgresql|mariadb|h2|quartz|aspectj|slf4j|glassfish|thymeleaf|elasticsearch|reactivestreams|wildfly|jooq|bson|xerial)|io\.(?:netty|reactivex|projectreactor|micronaut|quarkus|undertow|vertx|grpc|ktor|lettuce|micrometer|github\.resilience4j|opentelemetry|jsonwebtoken)|reactor|com\.(?:fasterxml|google|zaxxer|mysql|mongodb|rabbitmq|netflix|amazonaws|microsoft|oracle|ibm|datastax|squareup|intellij|hazelcast|jcraft)|software\.amazon|okhttp3|okio|retrofit2|feign|redis\.clients|net\.(?:bytebuddy|sf)|ch\.qos|lombok|oracle|feign|rx|junit|zio|cats|play)\./;

/** Reads the JVM's stacks (Java, Kotlin, Scala): `Caused by:`, Logback's `Wrapped by:`, `Suppressed:`. */
export function parseJava(lines: readonly string[], wantsMore?: WantsMore): ParsedSections {
  const errors: ErrorDraft[] = [newDraft()];
  let current = errors[0] as ErrorDraft;
  let header: string[] = [];
  let started = false;
  let rootFirst = false;
  let skipping = false;
  let enough = false;

  const close = (): void => {
    if (header.length > 0) Object.assign(current, readHeader(withoutThread(header.join('\n').trim())));
    header = [];
  };
  for (const raw of lines) {
    const line = raw.trim();
    if (line.startsWith('at ')) {
      if (enough || (skipping && started)) continue;
      const frame = readFrame(line);
      if (frame) {
        if (!started) close();
        started = true;
        if (skipping || (wantsMore && !frame.inApp) || current.frames.length >= MAX_FRAMES) continue;
        current.frames.push(frame);
        enough = wantsMore !== undefined && !wantsMore(current);
        continue;
      }
    }
    if (line.startsWith('... ')) continue;
    const cause = line.includes(': ') ? CAUSE.exec(line) : null;
    if (cause) {
      close();
      skipping = cause[1] === 'Suppressed';
      if (skipping) continue;
      rootFirst ||= cause[1] === 'Wrapped by';
      if (errors.length > MAX_CAUSES) break;
      current = newDraft();
      errors.push(current);
      header = [line.slice((cause[0] as string).length)];
      started = false;
      enough = false;
      continue;
    }
    if (!started && !skipping) header.push(raw);
  }
  close();
  const ordered = rootFirst ? [...errors].reverse() : errors;
  return { errors: ordered.map(finish), language: 'java' };
}

const CAUSE = /^(Caused by|Wrapped by|Suppressed): /;

const withoutThread = (text: string): string => text.replace(/^Exception in thread "[^"\n]{0,200}" /, '');

const readFrame = rememberFrames((line: string): StackFrame | undefined => {
  if (!line.startsWith('at ') || line.length > MAX_FRAME_LENGTH) return undefined;
  const match = FRAME.exec(line);
  if (!match) return undefined;
  // `java.base/`, `app//`, `loader/module@1.2/` name where the class came from.
  const call = (match[1] as string).slice((match[1] as string).lastIndexOf('/') + 1).trim();
  const place = match[2] as string;
  const colon = place.lastIndexOf(':');
  const line_ = colon > 0 ? Number(place.slice(colon + 1)) : undefined;
  const file = /^(?:Native Method|Unknown Source|<generated>|unknown)/i.test(place)
    ? undefined
    : fileOf(place, colon);
  const inApp = !DEPENDENCY.test(call) && !GENERATED.test(call);
  return makeFrame({ function: call, file: inPackage(call, file), line: line_ }, inApp, 'java');
});

const fileOf = (place: string, colon: number): string => (colon > 0 ? place.slice(0, colon) : place);

/** The JVM names the bare file; the package in front of the class is its folder. */
function inPackage(call: string, file: string | undefined): string | undefined {
  if (file === undefined || !/^[\w$-]+\.\w+$/.test(file)) return file;
  const parts = call.split('.');
  const folder = parts.slice(0, -2).filter((part) => /^[a-z_][\w]*$/.test(part));
  return folder.length === 0 ? file : `${folder.join('/')}/${file}`;
}

/** Proxies and reflection that frameworks put between two calls of the application. */
const GENERATED = /\$\$(?:Enhancer|FastClass|SpringCGLIB)|\$Proxy\d|GeneratedMethodAccessor|\$HibernateProxy/;
