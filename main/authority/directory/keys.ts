import { comparable, isObject, type JsonObject } from './attributes.ts'

/** `userName` as it is compared and kept unique. */
export const nameKey = (userName: string): string => userName.normalize('NFKC').trim().toLowerCase()

export const externalIdOf = ({ externalId }: JsonObject): string | null =>
  typeof externalId === 'string' && externalId !== '' ? externalId : null

/** An index takes no more of a text; texts that begin alike are told apart by the filter. */
const keyLength = 256

/** The text by which what is equal in any case is looked up: equal texts have equal keys. */
export const foldedKey = (text: string): string =>
  comparable(text, { caseExact: false }).slice(0, keyLength).toWellFormed()

/** Keys of the addresses of a User, each once. */
export function emailKeys({ emails }: JsonObject): readonly string[] {
  if (!Array.isArray(emails)) return []
  const values = emails.map((email: unknown) => (isObject(email) ? email['value'] : undefined))
  return [
    ...new Set(
      values.flatMap((value) =>
        typeof value === 'string' && value !== '' ? foldedKey(value) : [],
      ),
    ),
  ]
}
