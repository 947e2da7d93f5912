import type { HidDeviceInfo } from './hid-port.ts'

/** A family of readers that one protocol serves. */
export interface ReaderProfile {
  readonly vendorId: number
  readonly productId: number
  readonly model: string
}

const rfIdeas = 0x0c27

/** Readers that answer the pcProx feature reports; models from the vendor's documentation. */
export const readerProfiles: readonly ReaderProfile[] = [
  { vendorId: rfIdeas, productId: 0x3bfa, model: 'RF IDeas pcProx / WAVE ID' },
  { vendorId: rfIdeas, productId: 0x3b4c, model: 'RF IDeas WAVE ID, LEGIC' },
  { vendorId: rfIdeas, productId: 0x3b1e, model: 'RF IDeas WAVE ID, Bluetooth' },
]

export const profileOf = (device: HidDeviceInfo): ReaderProfile | null =>
  readerProfiles.find(
    ({ vendorId, productId }) => vendorId === device.vendorId && productId === device.productId,
  ) ?? null

/**
 * The known readers among `devices`, one entry each: on Linux the collections of one reader share a
 * path, on Windows each has its own, and the first answers for all.
 */
export function findReaders(
  devices: readonly HidDeviceInfo[],
): readonly { readonly device: HidDeviceInfo; readonly profile: ReaderProfile }[] {
  const seen = new Set<string>()
  return devices.flatMap((device) => {
    const profile = profileOf(device)
    const key = device.path.replace(/&col\d+.*$/i, '')
    if (!profile || seen.has(key)) return []
    seen.add(key)
    return [{ device, profile }]
  })
}
