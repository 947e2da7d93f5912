import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Policy } from '../../../main/policy/settings.ts'
import { openWard, type Ward } from '../../e2e/open-ward.ts'
import type { House } from './open-house.ts'

const entry = join(import.meta.dirname, 'seat.ts')
const trial = { 'vault.allowFile': true, 'badge.transports': ['hid'] } as const

/** A workstation of the house, enrolled with a token of its own. */
export async function openSeat(
  house: Pick<House, 'url' | 'token' | 'keys' | 'folder'>,
  workstation: string,
  policy: Partial<Policy> = {},
): Promise<Ward> {
  const directory = join(house.folder, workstation)
  await mkdir(directory, { recursive: true })
  const seat = {
    authority: house.url,
    token: await house.token(workstation),
    keys: house.keys,
  }
  await writeFile(join(directory, 'seat.json'), JSON.stringify(seat), { mode: 0o600 })
  return openWard({ entry, directory, policy: { ...trial, ...policy } as Partial<Policy> })
}
