import { z } from 'zod'

/** Why an identifier must not become somebody's badge (formats/chip-uid.ts says what each means). */
export const enrolmentRefusalSchema = z.enum(['random', 'pupi', 'anticollision'])
export type EnrolmentRefusal = z.infer<typeof enrolmentRefusalSchema>
