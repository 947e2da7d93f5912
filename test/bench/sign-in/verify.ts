import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const data = randomBytes(69)
const signature = sign('sha256', data, privateKey)
const count = 4000
const before = process.cpuUsage()
for (let at = 0; at < count; at += 1) verify('sha256', data, publicKey, signature)
const { user, system } = process.cpuUsage(before)
process.stdout.write(String((user + system) / count))
