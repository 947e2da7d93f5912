import { access, constants } from 'node:fs/promises'
import { classifyHidError, hidErrorText } from '../../badge/hid-errors.ts'
import type { HidPort } from '../../badge/hid-port.ts'
import { createNodeHidPort } from '../../badge/node-hid-port.ts'
import { findHidReaders } from '../../badge/hid-models.ts'
import type { Check, Finding } from '../doctor-report.ts'

/** Badge readers that are plugged in. Lists devices and opens none: a running agent owns them. */
export const checkReaders =
  ({
    port = createNodeHidPort(),
    platform = process.platform,
    mayOpen = canReadAndWrite,
  }: {
    readonly port?: Pick<HidPort, 'list'>
    readonly platform?: NodeJS.Platform
    readonly mayOpen?: (path: string) => Promise<boolean>
  } = {}): Check =>
  async () => {
    let readers: ReturnType<typeof findHidReaders>
    try {
      readers = findHidReaders(await port.list())
    } catch (error) {
      return notLoaded(error, platform)
    }
    const models = readers.map(({ model }) => model.model)
    const facts = { loaded: true, models }
    if (readers.length === 0)
      return {
        check: 'readers',
        state: 'attention',
        summary: 'No badge reader that Lanyard knows is plugged in',
        next: 'Plug one in (docs/concept.md lists the models). Sign-in without a badge works.',
        facts,
      }
    // Only Linux has a device file per reader whose permissions can be asked without opening it.
    if (platform === 'linux')
      for (const { device } of readers)
        if (!(await mayOpen(device.path)))
          return {
            check: 'readers',
            state: 'attention',
            summary: `${models.join(', ')}: this account may not use it`,
            next: 'Install the udev rule assets/linux/70-lanyard-readers.rules, then plug the reader in again.',
            facts: { ...facts, denied: true },
          }
    return { check: 'readers', state: 'ok', summary: models.join(', '), next: null, facts }
  }

function notLoaded(error: unknown, platform: NodeJS.Platform): Finding {
  const text = hidErrorText(error)
  const library = /(lib[\w.-]+\.so[\w.]*)/.exec(text)?.[1] ?? null
  return {
    check: 'readers',
    state: 'attention',
    summary:
      classifyHidError(error) === 'driver'
        ? `The driver for badge readers (node-hid) cannot be loaded${library ? `: ${library} is missing` : ''}`
        : `Badge readers cannot be listed: ${text}`,
    next:
      platform === 'linux'
        ? 'Install the USB libraries (Debian: apt-get install libusb-1.0-0). Sign-in without a badge works.'
        : 'Install Lanyard again. Sign-in without a badge works.',
    facts: { loaded: false, library },
  }
}

const canReadAndWrite = (path: string): Promise<boolean> =>
  access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
