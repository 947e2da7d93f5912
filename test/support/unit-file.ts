import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const unitPath = join(import.meta.dirname, '../../docs/operate/lanyard-authority.service')

/** Every value of a key of the unit, in their order; none where it does not stand. */
export type UnitValues = (key: string) => readonly string[]

/** The unit of docs/operate. */
export async function readUnit(): Promise<UnitValues> {
  const lines = (await readFile(unitPath, 'utf8')).split('\n')
  const pairs = lines.flatMap((line) => {
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    return key === undefined || value === undefined ? [] : [{ key, value }]
  })
  return (wanted) => pairs.filter(({ key }) => key === wanted).map(({ value }) => value)
}
