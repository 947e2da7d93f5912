import { z } from 'zod'

/** A physical key by its `code` (UI Events): the same whatever the keyboard layout. */
const keySchema = z
  .string()
  .regex(
    /^(Key[A-Z]|Digit[0-9]|Numpad[0-9A-Z][A-Za-z]*|F([1-9]|1[0-9]|2[0-4])|Enter|Tab|Semicolon|Slash|Backslash|BracketLeft|BracketRight|Minus|Equal|Comma|Period|Quote|Backquote)$/,
    'a key by its physical code, for example Semicolon, F13 or Enter',
  )

/** Without them nobody gets around on a lock screen by keyboard. */
const peoplesKeys: ReadonlySet<string> = new Set(['Enter', 'NumpadEnter', 'Tab'])

/** How a reader that types is set up: what it types before and after a badge, and how much. */
export const wedgeSchema = z.strictObject({
  prefix: z
    .array(keySchema)
    .min(1)
    .max(4)
    .refine(([first]) => first === undefined || !peoplesKeys.has(first), {
      error:
        'a first key that nobody needs on a lock screen, for example F13: it is swallowed there',
    }),
  suffix: z.array(keySchema).min(1).max(4),
  /** Characters between them. */
  length: z.number().int().min(4).max(32),
  digits: z.enum(['decimal', 'hex']).default('decimal'),
})
export type WedgeSetting = z.output<typeof wedgeSchema>
