/** An object of the template, or of the module. */
export type Json = Readonly<Record<string, unknown>>;
/** Terraform's type → name → arguments. */
export type Blocks = Record<string, Record<string, Json>>;

/** The expression for what all is named after. */
export const STACK = 'var.stack_name';

/** `OpenAiSecretArn` → `open_ai_secret_arn`. */
export function snake(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
