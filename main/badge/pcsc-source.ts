import type { ReaderIdentity } from './card-data.ts'
import { classifyPcscError, pcscErrorText } from './pcsc-errors.ts'
import type { PcscPort, PcscReader } from './pcsc-port.ts'
import { startPcscReader } from './pcsc-reader.ts'
import type { FoundReader, ReaderSource } from './reader.ts'

export interface PcscSourceOptions {
  readonly pcsc: PcscPort
  readonly platform?: NodeJS.Platform
}

/** What the service lists beside readers of badges: keys, telephones, and slots inside readers. */
const others = /yubikey|windows hello|\bUICC\b|virtual smart card|\bSAM\b/i

/**
 * Contactless readers of the PC/SC service. A machine without the service or its library has no such
 * reader, which is no fault of the machine; that comes back with the service.
 */
export function createPcscSource({
  pcsc,
  platform = process.platform,
}: PcscSourceOptions): ReaderSource {
  const denied =
    platform === 'linux'
      ? 'The smart card service refuses this account. Its polkit actions org.debian.pcsc-lite.access_pcsc and access_card must allow it; they allow the session at the seat.'
      : 'The smart card service refuses this account. Ask who manages the machine.'
  return {
    async list() {
      return (await pcsc.list()).filter(({ name }) => !others.test(name)).map(found)
    },
    watch: (changed) => pcsc.watch(changed),
    advise: (error) => adviceFor(error, platform, denied),
    stateOf(error) {
      const fault = classifyPcscError(error)
      if (fault === 'denied') return 'permission-denied'
      return fault === 'no-module' ? 'driver-missing' : 'missing'
    },
    advice: {
      missing:
        'The smart card service knows no contactless reader. Plug one in, or install its driver; on Debian: apt-get install libccid',
      denied,
    },
  }
}

function adviceFor(error: unknown, platform: NodeJS.Platform, denied: string): string {
  switch (classifyPcscError(error)) {
    case 'no-library':
      return 'libpcsclite.so.1 is not installed, so there are no PC/SC readers. If there should be: apt-get install libpcsclite1 pcscd, then start Lanyard again.'
    case 'no-module':
      return `${pcscErrorText(error)}. Reinstall Lanyard; its native module pcsc-mini is missing or of another system.`
    case 'no-service':
      return platform === 'win32'
        ? 'The service Smart Card (SCardSvr) does not run, so there are no PC/SC readers. If there should be, start it.'
        : 'pcscd does not run, so there are no PC/SC readers. If there should be: apt-get install libpcsclite1 pcscd, then systemctl enable --now pcscd.socket'
    case 'denied':
      return denied
    case 'shared':
    case 'card-gone':
    case 'reader-gone':
    case 'failed':
      return `PC/SC readers cannot be listed: ${pcscErrorText(error)}.`
  }
}

function found(reader: PcscReader): FoundReader {
  const identity: ReaderIdentity = {
    kind: 'pcsc',
    model: modelOf(reader.name),
    vendorId: null,
    productId: null,
    name: reader.name,
  }
  return {
    key: reader.name,
    identity,
    start: (context) => startPcscReader({ reader, identity, context }),
  }
}

/** Without the serial number that pcsc-lite puts in brackets, and the numbers of reader and slot. */
const modelOf = (name: string): string =>
  name
    .replaceAll(/\s*\([^)]*\)/g, '')
    .replace(/(\s\d{2}\s\d{2}|\s\d{1,2})$/, '')
    .slice(0, 80)
