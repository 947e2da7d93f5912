import { isNote, noteLength } from '../ui/note-field.tsx'
import type { Translate } from '../ui/strings/translate.ts'

/** What the counter of a free text says: how much is missing, then how much room is left. */
export function noteCounter(t: Translate, note: string): string {
  const { length } = note.trim()
  if (!isNote(note)) return t('note.counter', { count: Math.max(1, noteLength.min - length) })
  if (length > noteLength.max - 100) return t('note.left', { count: noteLength.max - length })
  return t('note.enough')
}
