import type { HidDeviceInfo } from './hid-port.ts'
import type { ReaderKind } from './site-profile.ts'

/** A family of HID readers that one driver serves. */
export interface HidModel {
  readonly kind: Extract<ReaderKind, 'pcprox' | 'hid-pos' | 'magstripe'>
  readonly model: string
}

const rfIdeas = 0x0c27

/** Readers that answer the pcProx feature reports; models from the vendor's documentation. */
export const pcProxModels: readonly (HidModel & {
  readonly vendorId: number
  readonly productId: number
})[] = [
  { vendorId: rfIdeas, productId: 0x3bfa, kind: 'pcprox', model: 'RF IDeas pcProx / WAVE ID' },
  { vendorId: rfIdeas, productId: 0x3b4c, kind: 'pcprox', model: 'RF IDeas WAVE ID, LEGIC' },
  { vendorId: rfIdeas, productId: 0x3b1e, kind: 'pcprox', model: 'RF IDeas WAVE ID, Bluetooth' },
]

/** Usage pages of the HID Point of Sale Usage Tables 1.02, with the usage that is a reader. */
const pages: readonly (HidModel & { readonly usagePage: number; readonly usage: number })[] = [
  { usagePage: 0x8c, usage: 0x02, kind: 'hid-pos', model: 'Bar code scanner (HID POS)' },
  { usagePage: 0x8e, usage: 0x01, kind: 'magstripe', model: 'Magnetic stripe reader (HID POS)' },
]

/** MagTek's readers in HID mode use a vendor page with the magnetic stripe layout. */
const magTek = { vendorId: 0x0801, productId: 0x0002 } as const

export function modelOf(device: HidDeviceInfo): HidModel | null {
  const byId = pcProxModels.find(
    ({ vendorId, productId }) => vendorId === device.vendorId && productId === device.productId,
  )
  if (byId) return { kind: byId.kind, model: byId.model }
  if (device.vendorId === magTek.vendorId && device.productId === magTek.productId)
    return { kind: 'magstripe', model: 'MagTek magnetic stripe reader' }
  const byUsage = pages.find(
    ({ usagePage, usage }) => usagePage === device.usagePage && usage === device.usage,
  )
  return byUsage ? { kind: byUsage.kind, model: named(byUsage.model, device.product) } : null
}

const named = (model: string, product: string) => (product === '' ? model : product)

/**
 * The known readers among `devices`, one entry each: on Linux the collections of one reader share a
 * path, on Windows each has its own, and the first that a driver knows answers for all.
 */
export function findHidReaders(
  devices: readonly HidDeviceInfo[],
): readonly { readonly device: HidDeviceInfo; readonly model: HidModel }[] {
  const seen = new Set<string>()
  return devices.flatMap((device) => {
    const model = modelOf(device)
    const key = device.path.replace(/&col\d+.*$/i, '')
    if (!model || seen.has(key)) return []
    seen.add(key)
    return [{ device, model }]
  })
}
