/** A CloudFormation template, as JSON. */
export interface Template {
  readonly AWSTemplateFormatVersion: '2010-09-09';
  readonly Transform: 'AWS::Serverless-2016-10-31';
  readonly Description: string;
  readonly Parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, unknown>>;
}

/** One resource of a {@link Template}. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly [attribute: string]: unknown;
}

/** What a name of the template stands for. */
export const ref = (name: string): { readonly Ref: string } => ({ Ref: name });
/** The ARN of a resource of the template. */
export const arn = (name: string): { readonly 'Fn::GetAtt': readonly [string, string] } => ({
  'Fn::GetAtt': [name, 'Arn'],
});
/** Text with `${…}` for names of the template. */
export const sub = (text: string): { readonly 'Fn::Sub': string } => ({ 'Fn::Sub': text });
/** Texts, one behind the other. */
export const join = (texts: readonly unknown[]): { readonly 'Fn::Join': readonly unknown[] } => ({
  'Fn::Join': ['', texts],
});
/** The parts of a text. */
export const split = (by: string, text: unknown): { readonly 'Fn::Split': readonly unknown[] } => ({
  'Fn::Split': [by, text],
});
/** One of several, counted from 0. */
export const select = (index: number, list: unknown): { readonly 'Fn::Select': readonly unknown[] } => ({
  'Fn::Select': [index, list],
});
/** Left out where the condition does not hold. */
export const whenSet = (condition: string, value: unknown): { readonly 'Fn::If': readonly unknown[] } => ({
  'Fn::If': [condition, value, ref('AWS::NoValue')],
});
