import { isRecord } from '../../src/bounds.ts';

/** What stands for a name of the template in Terraform: an expression, and whether it may be null. */
export interface Names {
  /** `Ref` of a parameter, a resource or a pseudo parameter. */
  ref(name: string): string;
  /** `Fn::GetAtt`. */
  attribute(name: string, attribute: string): string;
  /** A condition of the template. */
  condition(name: string): string;
}

/**
 * A value of a CloudFormation template as Terraform's JSON syntax takes it: what is plain stays as it is, what refers
 * to something becomes an expression (`"${…}"`). https://developer.hashicorp.com/terraform/language/syntax/json
 */
export function toTerraformValue(value: unknown, names: Names): unknown {
  if (isPlain(value)) return typeof value === 'string' ? value.replaceAll('${', '$${') : value;
  return `\${${toExpression(value, names)}}`;
}

/** The same as an expression of Terraform's own language; entries that are left out (`AWS::NoValue`) are gone. */
export function toExpression(value: unknown, names: Names): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) {
    const list = `[${value.map((one) => toExpression(one, names)).join(', ')}]`;
    return value.some(isOptional) ? `[for one in ${list} : one if one != null]` : list;
  }
  if (!isRecord(value)) return String(value);
  if (typeof value.Ref === 'string') return value.Ref === 'AWS::NoValue' ? 'null' : names.ref(value.Ref);
  if (Array.isArray(value['Fn::GetAtt'])) {
    const [name, attribute] = value['Fn::GetAtt'].map(String);
    return names.attribute(name ?? '', attribute ?? '');
  }
  if (Array.isArray(value['Fn::If'])) {
    const [condition, then, otherwise] = value['Fn::If'];
    const [yes, no] = [toExpression(then, names), toExpression(otherwise, names)];
    return `(${names.condition(String(condition))} ? ${yes} : ${no})`;
  }
  const of = (one: unknown) => toExpression(one, names);
  if (Array.isArray(value['Fn::Join'])) return `join(${value['Fn::Join'].map(of).join(', ')})`;
  if (Array.isArray(value['Fn::Split'])) return `split(${value['Fn::Split'].map(of).join(', ')})`;
  if (Array.isArray(value['Fn::Select'])) {
    const [index, list] = value['Fn::Select'];
    return `${of(list)}[${of(index)}]`;
  }
  if (typeof value['Fn::Sub'] === 'string') return substitute(value['Fn::Sub'], names);
  const entries = Object.entries(value).map(([key, one]) => `${quote(key)} = ${toExpression(one, names)}`);
  const object = `{${entries.join(', ')}}`;
  return Object.values(value).some(isOptional)
    ? `{for key, one in ${object} : key => one if one != null}`
    : object;
}

function substitute(text: string, names: Names): string {
  const parts = text.split(/\$\{([\w:.]+)\}/);
  const inner = parts.map((part, index) => {
    if (index % 2 === 0) return quote(part).slice(1, -1);
    const [name = '', attribute] = part.split('.');
    return `\${${attribute === undefined ? names.ref(name) : names.attribute(name, attribute)}}`;
  });
  return `"${inner.join('')}"`;
}

/** Strings of JSON and of HCL differ in what begins a template. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll('${', '$${').replaceAll('%{', '%%{');
}

function isOptional(value: unknown): boolean {
  return isRecord(value) && Array.isArray(value['Fn::If']) && value['Fn::If'].some(isNoValue);
}

function isNoValue(value: unknown): boolean {
  return isRecord(value) && value.Ref === 'AWS::NoValue';
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  if (!isRecord(value)) return true;
  if (Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'))) return false;
  return Object.values(value).every(isPlain);
}
