import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createNodeHidPort } from './node-hid-port.ts'

const path = '/dev/hidraw3'
const described = { vendorId: 0x0c27, productId: 0x3bfa, release: 0, interface: -1 }

class FakeDevice extends EventEmitter {
  sent: Buffer[] = []
  async sendFeatureReport(report: Buffer) {
    this.sent.push(report)
    return report.length
  }
  async getFeatureReport(id: number, length: number) {
    return Buffer.alloc(length, id)
  }
  async getDeviceInfo() {
    return { ...described, serialNumber: '0042', product: undefined }
  }
  async close() {}
}

let device: FakeDevice
beforeEach(() => {
  device = new FakeDevice()
})
vi.mock('node-hid', () => ({
  default: {
    devicesAsync: async () => [described, { ...described, path, serialNumber: undefined }],
    HIDAsync: { open: async () => device },
  },
}))

describe('the port to node-hid', () => {
  test('lists what can be opened, with empty texts for missing ones', async () => {
    expect(await createNodeHidPort().list()).toEqual([
      {
        path,
        vendorId: 0x0c27,
        productId: 0x3bfa,
        serialNumber: '',
        product: '',
        usagePage: 0,
        usage: 0,
      },
    ])
  })

  test('hands reports through unchanged', async () => {
    const handle = await createNodeHidPort().open(path)
    await handle.sendFeatureReport(Uint8Array.of(0, 0x8f, 0))
    expect(device.sent).toEqual([Buffer.from([0, 0x8f, 0])])
    expect([...(await handle.getFeatureReport(0, 9))]).toEqual(Array(9).fill(0))
  })

  test('says which device is really open', async () => {
    const handle = await createNodeHidPort().open(path)
    expect(await handle.info()).toMatchObject({ path, serialNumber: '0042', product: '' })
  })

  test('survives the string that an unplug emits, and passes it on', async () => {
    const text = 'could not read from HID device: device disconnected'
    const heard: unknown[] = []
    const handle = await createNodeHidPort().open(path)
    device.emit('error', text)
    handle.onError((error) => heard.push(error))
    device.emit('error', text)
    expect(heard).toEqual([text])
  })
})
